using System.Text;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class RefusalTests
{
    [Theory]
    [InlineData(400, false)]
    [InlineData(413, false)]
    [InlineData(422, false)]
    [InlineData(401, true)]
    [InlineData(404, true)]
    [InlineData(408, true)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(501, true)]
    [InlineData(503, true)]
    public void What_is_about_the_request_is_final_and_what_is_about_the_backend_is_not(int status, bool elsewhere) => Assert.Equal(elsewhere, Refusal.MayPassElsewhere(status));

    [Theory]
    [InlineData(429, false)]
    [InlineData(404, false)]
    [InlineData(501, false)]
    [InlineData(500, true)]
    [InlineData(502, true)]
    public void A_full_engine_is_not_a_broken_one(int status, bool fault) => Assert.Equal(fault, Refusal.IsFault(status));

    [Theory]
    [InlineData("""{"error":{"message":"CUDA out of memory"}}""", true)]
    [InlineData("""  {"error": "no such model" }""", true)]
    [InlineData("""{"object":"error","message":"x","code":40001}""", true)]
    [InlineData("""{"error":null,"choices":[]}""", false)]
    [InlineData("""{"object":"list","data":[{"error":1}]}""", false)]
    [InlineData("""{"choices":[{"error":"x"}]}""", false)]
    [InlineData("""{"err""", false)]
    [InlineData("""{"\ud800":1}""", false)]
    [InlineData("error", false)]
    [InlineData("", false)]
    public void An_error_under_a_status_of_success_is_told_from_how_it_begins(string body, bool isOne) => Assert.Equal(isOne, Refusal.BeginsLikeOne(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("""{"error":{"code":503}}""", 503)]
    [InlineData("""{"error":{"code":"overloaded","status":429}}""", 429)]
    [InlineData("""{"object":"error","code":400}""", 400)]
    [InlineData("""{"object":"error","code":40001}""", Refusal.Unnamed)]
    [InlineData("""{"error":"x"}""", Refusal.Unnamed)]
    [InlineData("""{"type":"error","error":{"type":"overloaded_error","message":"x"}}""", 529)]
    [InlineData("""{"type":"error","error":{"type":"rate_limit_error","message":"x"}}""", 429)]
    [InlineData("""{"type":"error","error":{"type":"unheard_of","message":"x"}}""", Refusal.Unnamed)]
    [InlineData("""{"error":{"type":"invalid_request_error","message":"x"}}""", Refusal.Unnamed)]
    [InlineData("nonsense", Refusal.Unnamed)]
    [InlineData("[]", Refusal.Unnamed)]
    public void It_keeps_the_status_that_it_names(string body, int status) => Assert.Equal(status, Refusal.StatusOf(Encoding.UTF8.GetBytes(body)));
}

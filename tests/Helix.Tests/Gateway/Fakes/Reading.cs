using System.Text;
using System.Text.Json.Nodes;

namespace Helix.Tests.Gateway.Fakes;

/// <summary>Reads answers the way the tests look at them.</summary>
internal static class Reading
{
    public static async Task<JsonObject> JsonAsync(this HttpResponseMessage response) => (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    public static async Task<(int Status, string? Code, string? Param)> ErrorAsync(this HttpResponseMessage response)
    {
        var json = await response.JsonAsync();
        var error = json["error"]!;
        Assert.False(string.IsNullOrEmpty((string?)error["message"]));
        Assert.Equal(response.Headers.GetValues("x-request-id").Single(), (string?)json["request_id"]);
        return ((int)response.StatusCode, (string?)error["code"], (string?)error["param"]);
    }

    public static string? Header(this HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;

    /// <summary>Reads until a blank line has come, and no further than what has come by then.</summary>
    public static async Task<string> EventAsync(this Stream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[1];
        while (!text.ToString().EndsWith("\n\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer) > 0) text.Append((char)buffer[0]);
        return text.ToString();
    }
}

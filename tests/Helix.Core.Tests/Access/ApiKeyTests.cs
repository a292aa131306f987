using CsCheck;
using Helix.Core.Access;

namespace Helix.Core.Tests.Access;

public class ApiKeyTests
{
    [Fact]
    public void Different_bytes_make_different_keys_of_one_form() => Gen.Select(Gen.Byte.Array[32], Gen.Byte.Array[32]).Sample((a, b) =>
    {
        var (x, y) = (ApiKey.From(a), ApiKey.From(b));
        return x.Length == 46 && x.StartsWith("hx_", StringComparison.Ordinal) && x.Skip(3).All(char.IsAsciiLetterOrDigit) && (x == y) == a.SequenceEqual(b);
    });

    [Fact]
    public void A_hash_survives_its_bytes() => Gen.String.Sample(key => KeyHash.FromBytes(KeyHash.Of(key).ToBytes()) == KeyHash.Of(key));

    [Fact]
    public void Scopes_are_read_as_they_are_written()
    {
        Assert.Equal(["infer", "metrics", "admin"], KeyScopeNames.Parse(["admin", "infer", "metrics"])!.Value.Names());
        Assert.Null(KeyScopeNames.Parse([]));
        Assert.Null(KeyScopeNames.Parse(["infer", "root"]));
    }
}

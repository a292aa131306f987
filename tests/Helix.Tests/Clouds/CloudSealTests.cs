using Helix.Clouds;
using Helix.Tests.Fakes;

namespace Helix.Tests.Clouds;

public sealed class CloudSealTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();

    private string KeyFile => Path.Combine(_temporary.Home.State, "cloud.key");

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void What_is_closed_is_opened_again_for_the_same_purpose_only()
    {
        var seal = new CloudSeal(_temporary.Home);

        var closed = seal.Close("sk-secret", "openai\nhttps://api.openai.com/v1");

        Assert.DoesNotContain("sk-secret", closed, StringComparison.Ordinal);
        Assert.Equal("sk-secret", new CloudSeal(_temporary.Home).Open(closed, "openai\nhttps://api.openai.com/v1")?.Reveal());
        Assert.Null(seal.Open(closed, "openai\nhttps://evil.example/v1"));
        Assert.NotEqual(closed, seal.Close("sk-secret", "openai\nhttps://api.openai.com/v1"));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64!")]
    [InlineData("c2hvcnQ=")]
    public void What_was_never_closed_is_not_opened(string text)
    {
        var seal = new CloudSeal(_temporary.Home);
        seal.Close("x", "y");

        Assert.Null(seal.Open(text, "y"));
    }

    [Fact]
    public void One_changed_byte_is_noticed()
    {
        var seal = new CloudSeal(_temporary.Home);
        var closed = Convert.FromBase64String(seal.Close("sk-secret", "y"));

        for (var at = 0; at < closed.Length; at++)
        {
            closed[at] ^= 1;
            Assert.Null(seal.Open(Convert.ToBase64String(closed), "y"));
            closed[at] ^= 1;
        }
    }

    [Fact]
    public void Without_its_file_nothing_is_opened_and_a_damaged_one_is_laid_aside_when_something_is_closed()
    {
        var seal = new CloudSeal(_temporary.Home);
        var closed = seal.Close("sk-secret", "y");
        File.WriteAllText(KeyFile, "damaged");

        Assert.Null(seal.Open(closed, "y"));
        Assert.Equal("new", seal.Open(seal.Close("new", "y"), "y")?.Reveal());
        Assert.Null(seal.Open(closed, "y"));
        Assert.Equal("damaged", File.ReadAllText(KeyFile + ".unreadable"));
    }
}

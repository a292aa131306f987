using Helix.EngineHost;

namespace Helix.Tests.EngineHost;

public sealed class EngineArgumentsTests
{
    [Fact]
    public void What_is_not_said_is_sensible()
    {
        var arguments = Parse(out var errors, cores: 8, "--model", "m.gguf", "--socket", "/tmp/e.sock", "--alias", "a");

        Assert.Empty(errors);
        Assert.Equal(new EngineArguments("m.gguf", "/tmp/e.sock", "a", 4, 0, 7, "/libs", 64), arguments);
    }

    [Fact]
    public void One_core_still_gets_one_thread() =>
        Assert.Equal(1, Parse(out _, cores: 1, "--model", "m", "--socket", "s", "--alias", "a")?.Threads);

    [Fact]
    public void Everything_wrong_is_told_at_once()
    {
        Assert.Null(Parse(out var errors, cores: 2, "--model", "", "--slots", "0", "--threads", "many", "--colour", "red", "--alias"));

        Assert.Contains(errors, error => error.Contains("--model", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("--socket", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("--slots", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("'many'", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("--colour", StringComparison.Ordinal));
        Assert.Contains("--alias needs a value.", errors);
    }

    [Fact]
    public void A_socket_path_that_the_system_cannot_take_is_refused()
    {
        Assert.Null(Parse(out var errors, cores: 2, "--model", "m", "--socket", "/" + new string('s', 107), "--alias", "a"));

        Assert.Contains("107", Assert.Single(errors), StringComparison.Ordinal);
    }

    private static EngineArguments? Parse(out IReadOnlyList<string> errors, int cores, params string[] arguments) =>
        EngineArguments.Parse(arguments, "/libs", cores, out errors);
}

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

    [Theory]
    [InlineData("auto", null)]
    [InlineData("0", 0)]
    [InlineData("33", 33)]
    public void Layers_on_the_device_are_a_number_or_as_many_as_fit(string said, int? expected)
    {
        var arguments = Parse(out var errors, cores: 2, "--model", "m", "--socket", "s", "--alias", "a", "--gpu-layers", said);

        Assert.Empty(errors);
        Assert.Equal(expected, arguments?.GpuLayers);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("all")]
    [InlineData("1025")]
    public void Other_words_for_layers_are_refused(string said)
    {
        Assert.Null(Parse(out var errors, cores: 2, "--model", "m", "--socket", "s", "--alias", "a", "--gpu-layers", said));

        Assert.Contains("--gpu-layers", Assert.Single(errors), StringComparison.Ordinal);
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

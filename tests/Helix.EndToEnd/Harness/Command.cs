namespace Helix.EndToEnd.Harness;

/// <summary>What a shell would be asked to run.</summary>
/// <param name="Environment">The whole of it; nothing is inherited from the test's own process.</param>
/// <param name="Input">Given on standard input, which then ends.</param>
internal sealed record Command(string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string Folder, string Input = "")
{
    public override string ToString() => $"{Path.GetFileName(Program)} {string.Join(' ', Arguments)}";
}

/// <summary>What came of it.</summary>
/// <param name="Code">128 + the signal's number where a signal ended it.</param>
internal sealed record Ended(Command Command, int Code, string Out, string Error, TimeSpan Took)
{
    public Ended Succeeded()
    {
        Assert.True(Code == 0, ToString());
        return this;
    }

    /// <summary>Checks the exit code, and that the words say something about each of these.</summary>
    public Ended Failed(int code, params string[] words)
    {
        Assert.True(Code == code, $"expected exit code {code}: {this}");
        foreach (var word in words)
            Assert.True(Error.Contains(word, StringComparison.OrdinalIgnoreCase), $"expected '{word}' on standard error: {this}");
        return this;
    }

    public override string ToString() => $"`{Command}` ended with {Code} after {Took.TotalSeconds:0.00} s\n--- out\n{Out}\n--- error\n{Error}";
}

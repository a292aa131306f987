using Helix.Contracts;

namespace Helix.Cli;

/// <summary>What the daemon said.</summary>
internal abstract record Answer<T>
{
    private Answer() { }

    internal sealed record Is(T Value) : Answer<T>;

    /// <summary>Nobody answers: helix is not running.</summary>
    internal sealed record NotRunning : Answer<T>;

    /// <summary>The daemon said no, or nothing in time.</summary>
    internal sealed record Refused(ApiError Error) : Answer<T>;

    /// <summary>Says why there is no answer.</summary>
    public int Fail(Terminal terminal) => this switch
    {
        NotRunning => terminal.Fail(ExitCodes.NotRunning, "helix is not running; start it with: helix start"),
        Refused(var error) => terminal.Fail(ExitCodes.Of(error.Code), error.Message, error.Remedy),
        _ => throw new InvalidOperationException("there is an answer"),
    };
}

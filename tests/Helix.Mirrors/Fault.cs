namespace Helix.Mirrors;

/// <summary>What goes wrong with one answer.</summary>
internal abstract record Fault
{
    private Fault()
    {
    }

    /// <summary>The request is taken and never answered.</summary>
    internal sealed record Stalled : Fault;

    /// <summary>This status, and no body.</summary>
    internal sealed record Failed(int Status) : Fault;

    /// <summary>The byte at this place is another one; negative: counted from the end.</summary>
    internal sealed record Corrupted(int At) : Fault;

    /// <summary>The connection breaks after so many bytes of the body.</summary>
    internal sealed record Cut(int After) : Fault;

    /// <summary>Each digest in the body is another one.</summary>
    internal sealed record WrongDigest : Fault;

    /// <summary>A pause before each piece of 16 KiB.</summary>
    internal sealed record Slow(TimeSpan Pause) : Fault;

    /// <summary>Stops in the middle of the body until <see cref="Go"/> is completed; <see cref="Reached"/> says that it stands there.</summary>
    internal sealed record Held(TaskCompletionSource Reached, TaskCompletionSource Go) : Fault;
}

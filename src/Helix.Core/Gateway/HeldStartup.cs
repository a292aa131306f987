namespace Helix.Core.Gateway;

/// <summary>Holds the frames of a stream that come before its first content, so that until then another backend can still be asked.</summary>
internal struct HeldStartup
{
    private byte[]? _held;

    /// <summary>What is held.</summary>
    public readonly ReadOnlyMemory<byte> Rest => _held;

    /// <param name="events">Whole events.</param>
    /// <param name="isLast">Nothing comes after them, or nobody else could be asked.</param>
    /// <param name="told">What may be passed on now; of an error, its words.</param>
    public EventKind Push(ReadOnlyMemory<byte> events, bool isLast, out ReadOnlyMemory<byte> told)
    {
        var kind = StreamStart.Look(events.Span, out var error);
        if (kind == EventKind.Startup && !isLast && (_held?.Length ?? 0) + events.Length <= StreamStart.MostHeld)
        {
            (_held, told) = ([.. _held ?? [], .. events.Span], default);
            return EventKind.Startup;
        }

        (told, _held) = kind == EventKind.Error ? (events[error], _held) : (_held is null ? events : (byte[])[.. _held, .. events.Span], null);
        return kind == EventKind.Error ? EventKind.Error : EventKind.Content;
    }
}

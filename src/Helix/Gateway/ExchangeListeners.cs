using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>Who listens to its answer beside its client.</summary>
internal sealed partial class Exchange
{
    /// <summary>Null while nobody does.</summary>
    private Listeners? _listeners;

    /// <summary>Where its answer is kept for others; null where it is not.</summary>
    public AnswerRecord? Record
    {
        get => _listeners?.Record;
        set => (_listeners ??= new()).Record = value;
    }

    /// <summary>Listens to its answer, where the user has that kept; null where nobody does.</summary>
    public AnswerText? Heard
    {
        get => _listeners?.Heard;
        set => (_listeners ??= new()).Heard = value;
    }

    /// <summary>The model that is asked the same for a comparison, once it was answered; null for none.</summary>
    public string? Shadow
    {
        get => _listeners?.Shadow;
        set => (_listeners ??= new()).Shadow = value;
    }

    /// <summary>Listens to its answer where that is compared with another's; null where it is not.</summary>
    public AnswerText? Compared
    {
        get => _listeners?.Compared;
        set => (_listeners ??= new()).Compared = value;
    }

    private sealed class Listeners
    {
        public AnswerRecord? Record { get; set; }

        public AnswerText? Heard { get; set; }

        public string? Shadow { get; set; }

        public AnswerText? Compared { get; set; }

        /// <summary>Another answer begins.</summary>
        public void Begin(bool isStream)
        {
            if (Heard is not null) Heard = new(isStream);
            if (Compared is not null) Compared = new(isStream);
        }

        public void Push(ReadOnlySpan<byte> piece)
        {
            Record?.Add(piece);
            Heard?.Push(piece);
            Compared?.Push(piece);
        }
    }
}

using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>The requests for one model, whoever answers them.</summary>
internal sealed class ModelTraffic
{
    /// <summary>Held while a backend is chosen and the request counted as its own.</summary>
    public Lock Choosing { get; } = new();

    private readonly Lock _gate = new();
    private ModelPace _pace = ModelPace.Start;

    public ModelPace Current
    {
        get
        {
            lock (_gate) return _pace;
        }
    }

    public void NoteSent(BackendTaken taken)
    {
        lock (_gate) _pace = _pace.Sent(taken);
    }

    /// <returns>Answers that were seen by now.</returns>
    public long NoteAnswer(int tokens)
    {
        lock (_gate) return (_pace = _pace.Answered(tokens)).Answers;
    }
}

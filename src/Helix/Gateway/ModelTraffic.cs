using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>The requests for one model, whoever answers them. Noted by whoever holds <see cref="GatewayCounters.Gate"/>, and read by anybody.</summary>
internal sealed class ModelTraffic(string model)
{
    private long _answers = ModelPace.Start.Answers;
    private double _answerTokens = ModelPace.Start.AnswerTokens;
    private double _curiosity = ModelPace.Start.Curiosity;
    private ModelEngines? _engines;

    public string Model => model;

    public ModelPace Current => new(Volatile.Read(ref _answers), AnswerTokens, Volatile.Read(ref _curiosity));

    /// <summary>That an answer usually has.</summary>
    public double AnswerTokens => Volatile.Read(ref _answerTokens);

    /// <summary>What serves it, looked up once for as long as the backends are the same.</summary>
    public ModelEngines Of(ImmutableArray<Backend> backends, GatewayCounters counters)
    {
        if (_engines is { } known && known.Backends == backends) return known;
        var traffic = new InstanceTraffic[backends.Length];
        for (var at = 0; at < traffic.Length; at++) traffic[at] = counters.Of(backends[at].Instance);
        var engines = new ModelEngines(backends, traffic);
        _engines = engines;
        return engines;
    }

    /// <summary>An engine of it has answered: what that showed concerns its others, too. A cloud is a world of its own.</summary>
    public void NoteSpeed(InstanceTraffic engine, Speed before, Speed after)
    {
        if (_engines is not { } known) return;
        for (var at = 0; at < known.Traffic.Length; at++)
            if (known.Traffic[at] != engine && known.Backends[at].Cloud is null) known.Traffic[at].NoteOther(before, after);
    }

    public void NoteSent(BackendTaken taken) => Volatile.Write(ref _curiosity, Current.Sent(taken).Curiosity);

    /// <returns>Answers that were seen by now.</returns>
    public long NoteAnswer(int tokens)
    {
        var pace = Current.Answered(tokens);
        Volatile.Write(ref _answerTokens, pace.AnswerTokens);
        Volatile.Write(ref _answers, pace.Answers);
        return pace.Answers;
    }
}

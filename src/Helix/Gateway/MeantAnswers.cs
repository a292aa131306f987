using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>A question that is compared with others.</summary>
/// <param name="Vector">Of its text; ends with null where nobody makes one.</param>
internal sealed record MeantQuestion(AskedMeaning Asked, Task<MeantVector?> Vector);

/// <summary>Finds answers that were given to other words which mean the same, for those who may have them.</summary>
internal sealed class MeantAnswers(KeptAnswers kept, MeaningQueue queue, Func<HelixConfig> config, TimeProvider time)
{
    /// <summary>To compare a question with so many takes a fraction of a millisecond.</summary>
    private const int MostOfGroup = 1024;

    private const int Most = 65_536;

    private const int PartOfPatience = 4;

    /// <summary>No request waits longer for its vector, nor for more than a part of the time that its client has.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);

    /// <summary>After one that came too late, for so long nobody waits for any.</summary>
    private static readonly TimeSpan s_breath = TimeSpan.FromSeconds(2);

    /// <summary>Held while questions are compared, added or taken away.</summary>
    private readonly Lock _gate = new();
    private readonly MeaningIndex _index = new(MostOfGroup, Most);

    /// <summary>When a vector came too late last; 0 for never.</summary>
    private long _late;

    /// <param name="owner">Whose memory is asked.</param>
    /// <param name="by">Who is to answer it.</param>
    /// <param name="model">The model of that.</param>
    /// <returns>Null where it is not to be compared with others.</returns>
    public MeantQuestion? Ask(Exchange exchange, string owner, string by, ServedModel model)
    {
        if (model.IsSelfTest || exchange.IsCount || exchange.Facts.Needs != ModelAbilities.None) return null;
        return AskedMeaning.Of(owner, exchange.Route, by, exchange.Body) is { } asked ? new(asked, queue.AskAsync(asked.Text)) : null;
    }

    /// <returns>Null where there is none, or nobody can say in time.</returns>
    public async ValueTask<(AnswerRecord Answer, float Similarity)?> FindAsync(MeantQuestion question, TimeSpan? maxAge, Exchange exchange)
    {
        if (!await IsInTimeAsync(question.Vector, exchange) || await question.Vector is not { } vector) return null;
        var performance = config().Performance;
        var longest = TimeSpan.FromSeconds(performance.CacheSeconds);
        var oldest = time.GetUtcNow() - (maxAge is { } age && age < longest ? age : longest);
        var least = (float)performance.SemanticCacheThreshold - UnitVector.Tolerance;
        lock (_gate)
        {
            while (_index.Nearest(GroupOf(question, vector), vector.Unit, question.Asked.Marks, least, oldest) is var (found, similarity))
            {
                kept.Touch(found);
                if (kept.Find(found.Answer) is { } answer && answer.Ended >= oldest) return (answer, similarity);
                // its answer had to go
                _index.Remove(found);
                kept.Forget(found);
            }
        }

        return null;
    }

    /// <summary>Keeps what a question meant, once that is known.</summary>
    /// <param name="answer">Under which key its answer is kept.</param>
    public async Task KeepAsync(MeantQuestion question, string answer, DateTimeOffset answered)
    {
        if (await question.Vector is not { } vector) return;
        var meaning = new Meaning(GroupOf(question, vector), vector.Unit, question.Asked.Marks, answer, answered);
        lock (_gate)
        {
            foreach (var one in _index.Add(meaning)) kept.Forget(one);
            // together: another one that has to make room for the next at once would be kept for nobody
            kept.Keep(meaning, Remove);
        }
    }

    private void Remove(Meaning meaning)
    {
        lock (_gate) _index.Remove(meaning);
    }

    private async ValueTask<bool> IsInTimeAsync(Task vector, Exchange exchange)
    {
        if (vector.IsCompleted) return true;
        var late = Interlocked.Read(ref _late);
        if (late != 0 && time.GetElapsedTime(late) < s_breath) return false;
        var patience = exchange.Patience / PartOfPatience is { } its && its < s_patience ? its : s_patience;
        if (patience <= TimeSpan.Zero) return false;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(exchange.ClientLeft);
        await Task.WhenAny(vector, Task.Delay(patience, time, over.Token));
        await over.CancelAsync();
        exchange.ClientLeft.ThrowIfCancellationRequested();
        if (vector.IsCompleted) return true;
        // whose client is in a hurry tells nothing of the machine
        if (patience == s_patience) Interlocked.Exchange(ref _late, time.GetTimestamp());
        return false;
    }

    private static string GroupOf(MeantQuestion question, MeantVector vector) => $"{question.Asked.Around}/{vector.By}";
}

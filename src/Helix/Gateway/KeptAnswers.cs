using Helix.Core.Configuration;
using Helix.Core.Gateway;
using Microsoft.Extensions.Caching.Memory;

namespace Helix.Gateway;

/// <summary>Answers that may be told again, and what the questions meant to which they were given: in memory, with one bound for all of it.</summary>
internal sealed class KeptAnswers : IDisposable
{
    private readonly MemoryCache _kept;
    private readonly Func<HelixConfig> _config;

    /// <summary>Something was kept since it was cleared: to count what it holds takes all of its locks.</summary>
    private volatile bool _isUsed;

    public KeptAnswers(Func<HelixConfig> config)
    {
        _config = config;
        _kept = new(new MemoryCacheOptions { SizeLimit = (long)config().Performance.CacheMegabytes << 20 });
    }

    public void Dispose() => _kept.Dispose();

    /// <returns>Null where there is none.</returns>
    public AnswerRecord? Find(string key) => _kept.TryGetValue(key, out AnswerRecord? answer) ? answer : null;

    public void Keep(string key, AnswerRecord answer)
    {
        _kept.Set(key, answer, Options(answer.Size + key.Length));
        _isUsed = true;
    }

    /// <param name="gone">Told once it is kept no more, whatever the reason; on another thread.</param>
    public void Keep(Meaning meaning, Action<Meaning> gone)
    {
        var options = Options(meaning.Size);
        options.RegisterPostEvictionCallback((key, _, _, _) => gone((Meaning)key));
        _kept.Set(meaning, meaning, options);
        _isUsed = true;
    }

    /// <summary>It was used: others go first.</summary>
    public void Touch(Meaning meaning) => _kept.TryGetValue(meaning, out _);

    public void Forget(Meaning meaning) => _kept.Remove(meaning);

    public void Clear()
    {
        if (!_isUsed) return;
        _isUsed = false;
        _kept.Clear();
    }

    private MemoryCacheEntryOptions Options(long size) => new() { Size = size, AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(_config().Performance.CacheSeconds) };
}

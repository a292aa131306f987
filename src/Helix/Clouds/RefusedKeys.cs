using System.Collections.Concurrent;
using Helix.Core.Clouds;

namespace Helix.Clouds;

/// <summary>Which keys clouds did not accept when they were given them last.</summary>
internal sealed partial class RefusedKeys(ILogger<RefusedKeys> log)
{
    private readonly ConcurrentDictionary<string, Secret> _refused = new(StringComparer.Ordinal);

    /// <param name="id">Of the cloud.</param>
    public bool Has(string id, Secret? key) => key is not null && _refused.TryGetValue(id, out var refused) && refused.Equals(key);

    public void Note(string id, Secret key, bool isRefused)
    {
        if (Has(id, key) == isRefused) return;
        if (!isRefused)
        {
            _refused.TryRemove(id, out _);
            return;
        }

        _refused[id] = key;
        LogRefused(id);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Id} does not accept the key that helix has for it; give another one with: helix cloud add")]
    private partial void LogRefused(string id);
}

using System.Collections.Concurrent;

namespace Helix.Telemetry;

/// <summary>How fast the streams of a model at a provider began and went on in the last hour, as their clients saw it.</summary>
/// <param name="provider">Empty for all that are not told apart.</param>
/// <param name="origin">The timestamp from which minutes are counted.</param>
internal sealed class StreamPace(string provider, string model, TimeProvider time, long origin)
{
    private long _askedAt;

    public string Provider => provider;

    public string Model => model;

    public bool IsToldApart => provider.Length > 0;

    /// <summary>From a request to the first piece of its stream.</summary>
    public LatencyWindow FirstTokens { get; } = new(time, origin);

    /// <summary>Between two pieces of a stream.</summary>
    public LatencyWindow Pauses { get; } = new(time, origin);

    /// <summary>For each token after the first, on average of a stream that came to its end.</summary>
    public LatencyWindow PerTokens { get; } = new(time, origin);

    /// <summary>The minute in which somebody was sent to it last, since the origin.</summary>
    public long AskedAt
    {
        get => Volatile.Read(ref _askedAt);
        set
        {
            // many ask in the same minute: who has nothing to say leaves the line in everybody's cache
            if (Volatile.Read(ref _askedAt) != value) Volatile.Write(ref _askedAt, value);
        }
    }
}

/// <summary>The paces of all streams of the last hour. What nobody was sent to for an hour gives way when there are many. Any number of writers and readers.</summary>
internal sealed class StreamPaces
{
    /// <summary>A pace that is busy all the time takes 130 kB: more are counted together.</summary>
    internal const int Most = 64;

    private readonly ConcurrentDictionary<(string Provider, string Model), StreamPace> _all = new();
    private readonly TimeProvider _time;
    private readonly long _origin;

    /// <summary>Of all for whom there is no room.</summary>
    private readonly StreamPace _others;

    /// <summary>The minute in which there was no room last.</summary>
    private long _fullAt = -1;

    public StreamPaces(TimeProvider time)
    {
        _time = time;
        // lies where a minute of the clock begins, so that its minutes are those that a clock shows
        var into = TimeSpan.FromTicks(time.GetUtcNow().Ticks % TimeSpan.TicksPerMinute);
        _origin = time.GetTimestamp() - (long)(into.TotalSeconds * time.TimestampFrequency);
        _others = new("", "", time, _origin);
    }

    public IEnumerable<StreamPace> All => _all.Values.Append(_others);

    /// <summary>Number of the minute that runs, since the origin.</summary>
    public long Running => MinuteOf(_time.GetTimestamp());

    /// <summary>The minute of the clock, since 1970, in which number 0 began; by the clock as it goes now, which may have been set since.</summary>
    public long FirstMinute => (long)Math.Round((_time.GetUtcNow() - _time.GetElapsedTime(_origin) - DateTimeOffset.UnixEpoch).TotalMinutes);

    /// <summary>That of a model at a provider, which is asked now.</summary>
    public StreamPace Of(string provider, string model) => Of(provider, model, null, _time.GetTimestamp());

    /// <param name="last">What was told of it the last time; null where nothing was.</param>
    /// <param name="timestamp">Of this moment.</param>
    public StreamPace Of(string provider, string model, StreamPace? last, long timestamp)
    {
        var now = MinuteOf(timestamp);
        // who was asked of late has not given way
        if (last is { IsToldApart: true } && now - last.AskedAt < LatencyWindow.Minutes / 2 && last.Provider == provider && last.Model == model)
        {
            last.AskedAt = now;
            return last;
        }

        if (_all.TryGetValue((provider, model), out var pace))
        {
            pace.AskedAt = now;
            return pace;
        }

        return HasRoom(now) ? _all.GetOrAdd((provider, model), new StreamPace(provider, model, _time, _origin) { AskedAt = now }) : _others;
    }

    private long MinuteOf(long timestamp) => (long)_time.GetElapsedTime(_origin, timestamp).TotalMinutes;

    /// <summary>Whoever finds none comes here with each request: it is looked for once a minute.</summary>
    private bool HasRoom(long now)
    {
        if (Volatile.Read(ref _fullAt) == now) return false;
        if (_all.Count < Most) return true;
        foreach (var (key, pace) in _all)
            if (now - pace.AskedAt >= LatencyWindow.Minutes) _all.TryRemove(key, out _);
        if (_all.Count < Most) return true;
        Volatile.Write(ref _fullAt, now);
        return false;
    }
}

using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>
/// What an answer in Anthropic's words told so far of what it took. There the prompt is told in three parts: what was only read, what was put into the cache
/// and what was found in it. The last figure of each counts, for streams tell them more than once.
/// </summary>
internal sealed class MessagesUsage
{
    /// <summary>What is beyond it is an error of the cloud's, and must not wrap around.</summary>
    private const long Most = int.MaxValue;

    private long? _input;
    private long? _answer;
    private long _cached;
    private long _written;
    private long? _writtenLong;

    /// <summary>Null while it was not told what both the prompt and the answer took.</summary>
    public TokenUsage? Told => _input is { } input && _answer is { } answer ? new TokenUsage(input + _written + _cached, answer, _cached) { Written = _written - Long, WrittenLong = Long } : null;

    /// <summary>Where it does not say for how long something is kept, the longer counts, which is the dearer.</summary>
    private long Long => Math.Min(_written, _writtenLong ?? _written);

    /// <param name="holder">That may have a member <c>usage</c>: a message, or an event.</param>
    /// <param name="isBeginning">The answer has only begun: what is told of its length is not all of it.</param>
    public void Hear(JsonElement holder, bool isBeginning = false)
    {
        if (holder.Any("usage") is not { ValueKind: JsonValueKind.Object } usage) return;
        _input = Figure(usage, "input_tokens") ?? _input;
        if (!isBeginning) _answer = Figure(usage, "output_tokens") ?? _answer;
        _cached = Figure(usage, "cache_read_input_tokens") ?? _cached;
        _written = Figure(usage, "cache_creation_input_tokens") ?? _written;
        if (usage.Any("cache_creation") is { ValueKind: JsonValueKind.Object } spans) _writtenLong = Figure(spans, "ephemeral_1h_input_tokens") ?? 0;
    }

    private static long? Figure(JsonElement parent, string name) =>
        parent.Any(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var count) && count >= 0 ? Math.Min(count, Most) : null;
}

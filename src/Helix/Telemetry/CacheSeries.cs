using Helix.Contracts;
using Helix.Core.Gateway;
using Helix.Core.Telemetry;

namespace Helix.Telemetry;

/// <summary>What came of looking for answers in memory, and what that saved. Any number of writers and readers, and no lock.</summary>
internal sealed class CacheSeries
{
    private static readonly MemoryUse[] s_uses = [MemoryUse.Hit, MemoryUse.Shared, MemoryUse.Semantic, MemoryUse.Miss];
    private static readonly Labels[] s_results = [.. s_uses.Select(use => Labels.Of(("result", use.Word()!)))];
    private static readonly Labels s_input = Labels.Of(("gen_ai.token.type", "input"));
    private static readonly Labels s_output = Labels.Of(("gen_ai.token.type", "output"));

    private readonly long[] _lookups = new long[s_uses.Length];
    private readonly long[] _input = new long[s_uses.Length];
    private readonly long[] _output = new long[s_uses.Length];

    public void Add(in RequestRecord one)
    {
        if (one.Memory == MemoryUse.None) return;
        var at = Array.IndexOf(s_uses, one.Memory);
        if (at < 0) return;
        Interlocked.Increment(ref _lookups[at]);
        if (one.Memory == MemoryUse.Miss) return;
        Interlocked.Add(ref _input[at], one.Usage.Prompt);
        Interlocked.Add(ref _output[at], one.Usage.Answer);
    }

    public IReadOnlyList<Reading> Readings =>
    [
        new("helix.cache.lookups", "{request}", MetricKind.Counter, "Requests for which memory was looked through, by what came of it.", PutLookups) { Most = s_uses.Length },
        new("helix.cache.saved_tokens", "{token}", MetricKind.Counter, "Tokens that no engine had to compute, since the answer came from memory.", PutSaved) { Most = 2 * s_uses.Length },
    ];

    public CacheReport Report()
    {
        var (lookups, input, output) = (Read(_lookups), Read(_input), Read(_output));
        return new(lookups.Sum(), Of(lookups, MemoryUse.Hit) + Of(lookups, MemoryUse.Shared), Of(lookups, MemoryUse.Semantic), input.Sum(), output.Sum());

        static long[] Read(long[] counts) => [.. Enumerable.Range(0, counts.Length).Select(at => Interlocked.Read(ref counts[at]))];

        static long Of(long[] counts, MemoryUse use) => counts[Array.IndexOf(s_uses, use)];
    }

    private void PutLookups(PutSample put)
    {
        for (var at = 0; at < s_uses.Length; at++) put(s_results[at], Labels.None, Interlocked.Read(ref _lookups[at]));
    }

    private void PutSaved(PutSample put)
    {
        for (var at = 0; at < s_uses.Length; at++)
        {
            if (s_uses[at] == MemoryUse.Miss) continue;
            put(s_results[at], s_input, Interlocked.Read(ref _input[at]));
            put(s_results[at], s_output, Interlocked.Read(ref _output[at]));
        }
    }
}

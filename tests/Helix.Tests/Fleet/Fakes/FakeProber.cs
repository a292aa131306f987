using Helix.Core.Fleet;
using Helix.Fleet;

namespace Helix.Tests.Fleet.Fakes;

/// <summary>Says what the test tells it to say.</summary>
internal sealed class FakeProber : IProber
{
    public Verdict Verdict { get; set; } = new Verdict.Healthy();

    public Exception? Throws { get; set; }

    public int Looks { get; private set; }

    public Task<Verdict> LookAsync(int pid, DateTimeOffset runsSince, CancellationToken cancellationToken)
    {
        Looks++;
        return Throws is { } e ? Task.FromException<Verdict>(e) : Task.FromResult(Verdict);
    }

    public void Dispose()
    {
    }
}

/// <summary>A gateway through which nothing flows, unless the test says so.</summary>
internal sealed class FakeTokenWatch : ITokenWatch
{
    public System.Collections.Concurrent.ConcurrentDictionary<string, (int InFlight, DateTimeOffset? LastToken)> Known { get; } = new(StringComparer.Ordinal);

    public System.Collections.Concurrent.ConcurrentDictionary<string, TokenSigns> Busy { get; } = new(StringComparer.Ordinal);

    public TokenSigns Of(string instance) => Busy.TryGetValue(instance, out var signs) ? signs : Known.GetValueOrDefault(instance) is var (inFlight, last) ? new(inFlight, last) : default;
}

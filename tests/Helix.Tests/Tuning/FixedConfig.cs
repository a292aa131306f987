using Helix.Configuration;
using Helix.Core.Configuration;

namespace Helix.Tests.Tuning;

/// <summary>A configuration that a test sets.</summary>
internal sealed class FixedConfig : IConfigView
{
    public HelixConfig Current { get; set; } = HelixConfig.Default;

    public long Version => 1;

    public IReadOnlyList<string> Problems => [];

    public Task ChangedAsync(long version, CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
}

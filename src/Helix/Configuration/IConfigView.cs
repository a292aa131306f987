using Helix.Core.Configuration;

namespace Helix.Configuration;

/// <summary>What holds now. Reading takes no lock and never touches the disk.</summary>
internal interface IConfigView
{
    HelixConfig Current { get; }

    /// <summary>Grows with every configuration that was taken.</summary>
    long Version { get; }

    /// <summary>Why the file as it stands was not taken, in words for a user; empty when it was.</summary>
    IReadOnlyList<string> Problems { get; }

    /// <summary>Completes when <see cref="Version"/> is above <paramref name="version"/>; at once if it is already.</summary>
    Task ChangedAsync(long version, CancellationToken cancellationToken);
}

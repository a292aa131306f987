using Helix.Core.History;

namespace Helix.Core.Alerts;

/// <summary>What a happening says of its family.</summary>
internal enum CauseRole
{
    /// <summary>It is so, until something ends it.</summary>
    Trouble,

    /// <summary>What helix does about it.</summary>
    Deed,

    /// <summary>It is mended: the end of one that is open, else told once.</summary>
    Mended,

    /// <summary>Told once.</summary>
    Notice,
}

/// <summary>A happening that can raise an alert.</summary>
/// <param name="Name">See <see cref="Occurrence.Name"/>.</param>
/// <param name="Left">What is left for somebody to do; <c>{provider}</c> and <c>{subject}</c> stand for those. Null for nothing.</param>
internal sealed record AlertCause(string Name, string Family, CauseRole Role, string? Left = null)
{
    /// <summary>How bad it is; null: as it was told.</summary>
    public Severity? Severity { get; init; }
}

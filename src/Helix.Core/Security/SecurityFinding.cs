using Helix.Core.History;

namespace Helix.Core.Security;

/// <summary>One thing that is not as safe as it should be.</summary>
/// <param name="Name">A stable word for programs: see <see cref="FindingNames"/>.</param>
/// <param name="Subject">What in particular: a path, a release, an instance, where requests come from, a setting.</param>
/// <param name="What">What was found, without a full stop.</param>
/// <param name="Why">Why it matters, without a full stop.</param>
/// <param name="Remedy">What somebody can do about it, without a full stop.</param>
internal sealed record SecurityFinding(string Name, Severity Severity, string Subject, string What, string Why, string Remedy)
{
    /// <summary>Whose it is; null where it is of the whole.</summary>
    public string? Provider { get; init; }

    /// <summary>The command line that does it; null where no single one does.</summary>
    public string? Command { get; init; }

    /// <summary>What helix did about it; null where it did nothing.</summary>
    public string? Done { get; init; }

    /// <summary>The same in every look as long as it is the same matter.</summary>
    public string Key => $"{Name} {Subject}";

    /// <summary>All of it for a person, in one line.</summary>
    public string Words => Done is { } done ? $"{What}: {Why}. {done}." : $"{What}: {Why}. {Remedy}{(Command is { } command ? $": {command}" : ".")}";
}

/// <summary>The stable names of findings.</summary>
internal static class FindingNames
{
    /// <summary>Others of this machine may read, or write, what is helix's own.</summary>
    public const string Permissions = "permissions";

    /// <summary>A file of helix's own belongs to somebody else.</summary>
    public const string Owner = "owner";

    /// <summary>Files of a release are not what they were when it was installed.</summary>
    public const string ReleaseChanged = "release_changed";

    /// <summary>An engine can be reached otherwise than through the gateway.</summary>
    public const string EngineListens = "engine_listens";

    /// <summary>A process runs among an engine's that does not belong there.</summary>
    public const string ForeignProcess = "foreign_process";

    /// <summary>An engine's sandbox is not what was promised.</summary>
    public const string SandboxLost = "sandbox_lost";

    /// <summary>A version with a vulnerability that is known.</summary>
    public const string KnownVulnerable = "known_vulnerable";

    /// <summary>A list of known vulnerabilities that was not taken.</summary>
    public const string AdvisoriesRefused = "advisories_refused";

    /// <summary>Many keys that are none of ours, or may not do what they were sent for.</summary>
    public const string WrongKeys = "wrong_keys";

    /// <summary>Many requests of web pages from elsewhere, or to a name that is not ours.</summary>
    public const string ForeignPages = "foreign_pages";

    /// <summary>Paths written so as to get around a check.</summary>
    public const string OddPaths = "odd_paths";

    /// <summary>Many bodies that are larger than is allowed.</summary>
    public const string LargeBodies = "large_bodies";

    /// <summary>A setting that could be stricter.</summary>
    public const string Setting = "setting";

    /// <summary>What this machine cannot enforce upon engines.</summary>
    public const string SandboxWeak = "sandbox_weak";
}

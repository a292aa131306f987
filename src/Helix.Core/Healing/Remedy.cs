namespace Helix.Core.Healing;

/// <summary>What mends an engine that went down, beside starting it again.</summary>
internal enum Remedy
{
    /// <summary>Nothing else: the same again.</summary>
    Restart,

    /// <summary>Fewer requests at a time, then a shorter context, then fewer layers on the GPU.</summary>
    SmallerPlan,

    /// <summary>Before each start its ports are tried, and replaced where somebody has one.</summary>
    OtherPort,

    /// <summary>The model's file is compared with its digest, and fetched again where it differs.</summary>
    VerifyModel,

    /// <summary>What is helix's own, and can be had again, goes from the disk.</summary>
    FreeDisk,

    /// <summary>The same release is installed again beside itself, tried, and put in its place.</summary>
    Rebuild,

    /// <summary>The release before, with the manifest and the runtime that it had.</summary>
    Rollback,
}

/// <summary>What is the matter, and what is done.</summary>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Words">What is the matter, for a person.</param>
/// <param name="Hopeless">The same again, soon, cannot help.</param>
internal sealed record Diagnosis(string Code, string Words, Remedy Remedy, bool Hopeless = false);

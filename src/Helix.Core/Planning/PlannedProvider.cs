using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Core.Models;

namespace Helix.Core.Planning;

/// <summary>An installed provider as the plan sees it.</summary>
/// <param name="Preference">Of several that can serve a model, the one with the lowest number does.</param>
/// <param name="Formats">That it loads.</param>
/// <param name="Architectures">That it knows; empty: all.</param>
/// <param name="Abilities">What it can be asked for.</param>
/// <param name="ProcessBytes">Memory that it takes without a model.</param>
/// <param name="MostSlots">Requests that it can compute at once; null for any number.</param>
internal sealed record PlannedProvider(
    string Id, int Preference, ImmutableArray<string> Formats, ImmutableArray<string> Architectures, ModelAbilities Abilities, long ProcessBytes, int? MostSlots = null)
{
    public const string Builtin = "builtin";

    /// <summary>That run at a time, each with one model; null for any number.</summary>
    public int? MostInstances { get; init; }

    /// <summary>What may be changed of it, and how far.</summary>
    public ImmutableArray<Tunable> Tunes { get; init; } = [];

    /// <summary>What the user said of it and has not taken back.</summary>
    public ProviderWish Wish { get; init; }

    /// <summary>False when <c>providers.enabled</c> leaves it out.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Version, as listings show it.</summary>
    public string Release { get; init; } = "";

    /// <summary>What was measured of it, among others.</summary>
    public MemoryLedger Measured { get; init; } = MemoryLedger.Empty;

    /// <summary>What it computes on.</summary>
    public Accelerator On { get; init; }

    /// <summary>It computes on GPUs, and shares them out by itself.</summary>
    public bool SharesDevices { get; init; }

    /// <summary>How it computes on several GPUs.</summary>
    public DeviceSpread Spread { get; init; }

    /// <summary>It takes a share of a GPU's memory, which it is told, from the first moment on.</summary>
    public bool ReservesShare { get; init; }

    /// <summary>Memory that it takes of each GPU without a model.</summary>
    public long DeviceBytes { get; init; } = 800_000_000;

    /// <summary>It needs at least this of a GPU of NVIDIA; null: any will do.</summary>
    public Version? Capability { get; init; }

    public MeasuredSeat SeatOf(PlannedModel model, int contextPerSlot, int slots) => new(Id, Release, model.Id, model.Bytes, contextPerSlot, slots);

    public bool Reaches(PlannedDevice device) =>
        On != Accelerator.None && (On == Accelerator.Vulkan || On == device.Kind) && (Capability is null || device.Capability is null || device.Capability >= Capability);

    /// <summary>The self-test is the built-in engine's first. Of all others, whoever computes on a GPU goes before whoever leaves it idle.</summary>
    public (bool LeavesGpuIdle, int Number) PreferenceFor(PlannedModel model, ImmutableArray<PlannedDevice> devices) =>
        model.IsSelfTest && Id == Builtin ? (false, 0) : (!devices.IsEmpty && !SharesDevices && SeatFit.DevicesOf(model, this, devices).IsEmpty, Preference);

    public bool CanLoad(PlannedModel model) =>
        Formats.Contains(model.Format.Word())
        && (Architectures.IsEmpty || model.Architecture is null || Architectures.Contains(model.Architecture))
        && (Abilities & model.Abilities) != ModelAbilities.None;

    /// <param name="on">What its release computes on.</param>
    public static PlannedProvider Of(Manifest manifest, Accelerator on = Accelerator.None) => new(
        manifest.Id, manifest.Preference, manifest.Models.Formats, manifest.Models.Architectures,
        AbilityWords.Of(manifest.Serves?.Abilities ?? []),
        manifest.Launch?.MemoryBytes ?? 0, manifest.Launch?.Slots ?? manifest.Tunes.Of(Tunable.Slots)?.Most)
    {
        MostInstances = manifest.Launch?.Instances,
        Tunes = manifest.Tunes,
        On = on,
        Spread = Says(manifest, "gpu_layers") ? DeviceSpread.Layers : Says(manifest, "gpus") || Says(manifest, "tensor_parallel") ? DeviceSpread.Tensor : DeviceSpread.One,
        ReservesShare = Says(manifest, "memory_share"),
        DeviceBytes = manifest.Launch?.DeviceMemoryBytes ?? 0,
        Capability = manifest.Platforms.Where(row => row.Accelerator == on).Min(row => row.ComputeCapability),
    };

    /// <summary>What it can do with a model: tools and schemas are the engine's work.</summary>
    public ModelAbilities With(ModelAbilities model) => Abilities & (model | ModelAbilities.Tools | ModelAbilities.JsonSchema);

    /// <summary>What it can be asked for where the user runs it, with whatever he gave it.</summary>
    public static ModelAbilities AbilitiesOfAttached(Manifest manifest) => manifest.Serves is { } serves ? AbilityWords.Of(serves.Abilities) | AbilityWords.Of(serves.Besides) : ModelAbilities.None;

    private static bool Says(Manifest manifest, string word) => manifest.Launch?.Says(word) == true;
}

/// <summary>How a provider computes a model on several GPUs.</summary>
internal enum DeviceSpread
{
    /// <summary>Not at all.</summary>
    One,

    /// <summary>Each has some of the layers; what fits into none is left to the processor.</summary>
    Layers,

    /// <summary>Each has a part of every layer: two, four or eight equal ones.</summary>
    Tensor,
}

/// <summary>What a user said of a provider.</summary>
internal enum ProviderWish
{
    None,
    Start,
    Stop,
}

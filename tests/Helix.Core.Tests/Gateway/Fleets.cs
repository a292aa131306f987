using Helix.Core.Fleet;

namespace Helix.Core.Tests.Gateway;

/// <summary>Short words for fleets in tests.</summary>
internal static class Fleets
{
    public const ModelAbilities Text = ModelAbilities.Chat | ModelAbilities.Completion;

    public static ModelAvailability Ready { get; } = new ModelAvailability.Ready();

    public static ModelAvailability Asleep { get; } = new ModelAvailability.Asleep();

    public static ModelAvailability Coming { get; } = new ModelAvailability.Coming("37 % fetched");

    public static ModelAvailability Broken { get; } = new ModelAvailability.Failed("The file is cut short.", "Pull it again.");

    public static ServedModel Model(string id, ModelAvailability state, int added = 0, ModelAbilities abilities = Text, bool selfTest = false) => new(
        id,
        abilities,
        state,
        state is ModelAvailability.Ready ? [new Backend($"builtin-{id}", "builtin", $"/run/{id}", id)] : [],
        2048,
        selfTest,
        DateTimeOffset.UnixEpoch.AddDays(added));

    public static ServedModel SelfTest { get; } = Model("helix-selftest", Ready, selfTest: true);

    public static FleetSnapshot Of(params ServedModel[] models) => new(1, [], [], [.. models]);
}

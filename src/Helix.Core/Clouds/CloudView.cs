using System.Collections.Immutable;
using Helix.Core.Fleet;

namespace Helix.Core.Clouds;

/// <summary>Puts clouds into the snapshot that everybody sees.</summary>
internal static class CloudView
{
    /// <param name="isOffline">Nothing may leave this machine.</param>
    public static ProviderStatus StatusOf(Cloud cloud, bool isOffline) => new(
        cloud.Id, cloud.Name, Hindrance(cloud, isOffline) is null ? ProviderState.Attached : ProviderState.Available, ReasonOf(cloud, isOffline), null, null, null, cloud.Since)
    {
        IsAttached = true,
        IsCloud = true,
    };

    /// <summary>Behind what is served here. A model of a cloud goes by <c>ID/MODEL</c> only, so that no other name ever becomes one that leaves this machine.</summary>
    public static ImmutableArray<ServedModel> Join(ImmutableArray<ServedModel> others, IReadOnlyList<Cloud> clouds, bool isOffline) =>
        clouds.Count == 0 ? others : [.. others, .. clouds.SelectMany(cloud => cloud.Models.Select(model => ModelOf(cloud, model, isOffline)))];

    private static string ReasonOf(Cloud cloud, bool isOffline) => Hindrance(cloud, isOffline) is var (reason, remedy)
        ? $"{reason}; {remedy}"
        : $"{(cloud.Models.Length == 1 ? "1 model" : $"{cloud.Models.Length} models")} at {cloud.Address.Host}: what is asked of them leaves this machine, and costs";

    private static (string Reason, string Remedy)? Hindrance(Cloud cloud, bool isOffline) =>
        isOffline ? ("helix is offline, so no cloud is asked", "helix config set network.offline false, where HELIX_OFFLINE is not what keeps it so")
        : cloud.Key is null ? ($"the key of {cloud.Id} cannot be read on this machine", $"give it again: {CloudProduct.LineFor(cloud.Id, cloud.Address, cloud.Words)}")
        : null;

    private static ServedModel ModelOf(Cloud cloud, AttachedModel model, bool isOffline)
    {
        var (name, seat) = ($"{cloud.Id}/{model.Id}", SeatOf(cloud, model, isOffline));
        return new(name, model.Abilities, seat.Availability, seat.Backend is { } backend ? [backend] : [], model.ContextTokens, false, cloud.Since) { Seats = [seat], Origin = ModelOrigin.Cloud, SpeaksMessages = cloud.Words == CloudWords.Anthropic };
    }

    private static ServedSeat SeatOf(Cloud cloud, AttachedModel model, bool isOffline) => Hindrance(cloud, isOffline) is var (reason, remedy)
        ? new(cloud.Id, new ModelAvailability.Failed(reason, remedy) { IsWished = isOffline }, null)
        : new(cloud.Id, new ModelAvailability.Ready(), new($"{cloud.Id}/{model.Id}", cloud.Id, cloud.Address.Endpoint, model.Id)
        {
            Abilities = model.Abilities,
            ContextTokens = model.ContextTokens,
            IsAttached = true,
            Cloud = new(cloud.Id, cloud.Address, cloud.Key!) { Words = cloud.Words },
        });
}

using System.Text.Json;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Core.Models;
using Helix.Core.Planning;
using Helix.Fleet;
using Helix.Hardware;
using Helix.Manifests;

namespace Helix.Daemon;

/// <summary>What a plan is made from in this daemon.</summary>
/// <param name="Machine">The machine that helix plans for, and what is to be known of it.</param>
/// <param name="Library">Every model, in any format; the self-test last.</param>
internal sealed record PlanGround(
    Func<(MachineFacts Machine, HardwareFacts Hardware, string? Note)> Machine, ManifestShelf Shelf, Func<ModelCatalog> Catalog, Func<HelixConfig> Config, Func<IReadOnlyList<PlannedModel>> Library, TimeProvider Time)
{
    /// <summary>What the user said of a provider on this machine.</summary>
    public Func<string, InstallWords> Words { get; init; } = static _ => new(false, false, null, null);
}

/// <summary><c>POST /helix/v1/plan</c>: changes nothing, and asks for nothing but the description of a machine.</summary>
internal static class PlanEndpoints
{
    private const int MaxBodyBytes = 1 << 18;

    public static void MapPlan(this IEndpointRouteBuilder routes, PlanGround ground) => routes.MapPost("/helix/v1/plan", context => AnswerAsync(context, ground));

    public static PlanReport ReportOf(PlanTable table, IReadOnlyList<PlannedModel> library, string? note) => new(
        table.Machine, table.ModelMemory,
        [.. table.Providers.Select(row => new PlannedProviderReport(row.Manifest.Id, row.Manifest.Name, row.Manifest.Category, row.Manifest.Description, row.Standing.State, row.Standing.Reason))],
        [.. table.Models.Select(row => ReportOf(row, library.Contains(row.Model)))],
        table.Choice, note, table.Threads);

    public static PlanTable TableOf(MachineFacts machine, HardwareFacts hardware, PlanGround ground, bool other)
    {
        var config = ground.Config();
        var input = new PlanInput(
            ground.Library(), [BuiltinRecipe.Planned], [], AutoStart: true,
            config.Builtin.Model, config.Builtin.Context, config.Builtin.Slots, 0, ground.Time.GetUtcNow());
        return PlanTable.Of(machine, hardware, ground.Shelf.Current.Manifests, ground.Catalog(), input, other, other ? HelixConfig.Default : config, other ? _ => new(false, false, null, null) : ground.Words) with { Threads = config.Builtin.Threads is > 0 and var threads ? threads : Math.Max(1, hardware.LogicalCores - 1) };
    }

    private static async Task AnswerAsync(HttpContext context, PlanGround ground)
    {
        PlanRequest? request;
        try
        {
            request = await ApiAnswer.BodyAsync(context, MaxBodyBytes) switch
            {
                null => null,
                [] => new(),
                var body => JsonSerializer.Deserialize(body, PlanJson.Default.PlanRequest),
            };
        }
        catch (JsonException)
        {
            request = null;
        }

        if (request is null)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new ApiError("invalid", $"the body is no plan request of at most {MaxBodyBytes >> 10} KiB", "Send {\"hardware\": \"the text of a machine file\"}, or {}."));
            return;
        }

        if (request.Hardware is null)
        {
            var (machine, hardware, note) = ground.Machine();
            await SendAsync(TableOf(machine, hardware, ground, other: false), note);
            return;
        }

        var (file, errors) = MachineFileText.Parse(request.Hardware);
        if (file is null)
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new ApiError("invalid", string.Join("\n", errors), "docs/CLI_REFERENCE.md shows a machine file."));
        else
            await SendAsync(TableOf(file.Machine, file.Hardware, ground, other: true), null);

        Task SendAsync(PlanTable table, string? note) => ApiAnswer.OkAsync(context, ReportOf(table, ground.Library(), note), PlanJson.Default.PlanReport);
    }

    private static PlannedModelReport ReportOf(PlannedPlace planned, bool isThere)
    {
        var model = planned.Model;
        var seating = planned.Placement switch
        {
            Placement.Run run => run.Seating,
            Placement.Rest { Alone: { } run } => run.Seating,
            _ => null,
        };
        (string Word, int? Context, int? Slots, string Reason) place = planned.Placement switch
        {
            Placement.Run(var context, var slots, var why) => ("run", context, slots, why),
            Placement.Rest { Alone: (var context, var slots, var why) } => ("rest", context, slots, why),
            Placement.Impossible impossible => ("impossible", null, null, impossible.WhyNot!),
            var rest => ("rest", null, null, rest.WhyNot!),
        };
        return new(model.Id, model.Format.Word(), model.Bytes, planned.Provider, place.Word, place.Context, place.Slots, place.Reason, isThere)
        {
            Gpus = seating is { Devices.IsEmpty: false } ? PlannedDevice.Words(seating.Devices) : null,
            GpuLayers = seating?.GpuLayers,
            TensorParallel = seating is { Devices.Length: > 1, GpuLayers: null } ? seating.Devices.Length : null,
            MemoryShare = seating?.SharePercent / 100.0,
        };
    }
}

using System.CommandLine;
using System.Text.Json;
using Helix.Configuration;
using Helix.Contracts;
using Helix.Core.Cli;

namespace Helix.Cli;

internal static class PlanVerb
{
    /// <summary>What stands for all layers of a model that does not say how many it has.</summary>
    private const int AllLayers = 999;

    public static Command Create(CliWorld world)
    {
        var hardware = new Option<string?>("--hardware") { Description = "Plan for the machine that this file describes.", HelpName = "FILE" };
        var verb = new Verb("plan", "Show which providers and models would run on this machine, or another, and why.", "helix plan", "helix plan --hardware machine.yaml") { hardware };
        FormatOption.Add(verb);
        Verb.RefuseEmpty(hardware.Validators, "--hardware");
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, parse.GetValue(hardware), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, string? file, CliWorld world, CancellationToken cancellationToken)
    {
        string? text = null;
        if (file is not null)
        {
            if (!File.Exists(file)) return world.Terminal.Fail(ExitCodes.NotFound, $"there is no file {Path.GetFullPath(file)}");
            switch (ConfigFile.Read(file))
            {
                case FileText.Is(var read): text = read; break;
                case FileText.Refused(var why): return world.Terminal.Fail(ExitCodes.Refused, why);
            }
        }

        using var daemon = world.Daemon();
        var answer = await daemon.PostAsync("/helix/v1/plan", JsonSerializer.SerializeToUtf8Bytes(new(text), PlanJson.Default.PlanRequest), PlanJson.Default.PlanReport, cancellationToken);
        if (answer is not Answer<PlanReport>.Is(var plan)) return answer.Fail(world.Terminal);
        return parse.IsJson() ? world.Terminal.WriteJson(plan, PlanJson.Default.PlanReport) : Write(plan, world.Terminal);
    }

    /// <summary>For example "2 × NVIDIA L4, tensor parallel, 45 % of each" or "NVIDIA L4, 20 layers".</summary>
    public static string GpuOf(PlannedModelReport model) => string.Join(", ", ((string?[])
    [
        model.Gpus,
        model.TensorParallel is null ? null : "tensor parallel",
        model.MemoryShare is { } share ? $"{share * 100:0} % {(model.TensorParallel is null ? "of it" : "of each")}" : null,
        model is { Gpus: not null, GpuLayers: > 0 and < AllLayers and var layers } ? $"{layers} layers" : null,
    ]).Where(part => part is not null));

    private static int Write(PlanReport plan, Terminal terminal)
    {
        terminal.Tell($"{plan.Machine}; {Human.Bytes(plan.ModelMemoryBytes)} of memory for models, {plan.Threads} {(plan.Threads == 1 ? "thread" : "threads")} for each");
        terminal.Out.WriteLine();
        ProviderListing.WriteGrouped(terminal, [.. plan.Providers.Select(provider => new ProviderReport(provider.Id, provider.Name, provider.State, provider.Reason, null, null, null, default, provider.Category, provider.Description))]);
        terminal.Out.WriteLine();
        if (plan.Models.Count > 0)
        {
            terminal.WriteTable(
                ["MODEL", "FORMAT", "SIZE", "PROVIDER", "PLACE", "CONTEXT", "SLOTS", "GPU", "WHY"],
                plan.Models.Select(model => new[] { model.Id, model.Format, Human.Bytes(model.Bytes), model.Provider ?? "", model.Placement, $"{model.Context}", $"{model.Slots}", GpuOf(model), model.InLibrary ? model.Reason : $"{model.Reason} (to be fetched)" }));
            terminal.Out.WriteLine();
        }

        terminal.Tell($"of the catalogue: {plan.Choice}");
        if (plan.Note is { } note) terminal.Say($"note: {note}");
        return ExitCodes.Ok;
    }
}

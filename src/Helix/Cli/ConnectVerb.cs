using System.CommandLine;
using System.CommandLine.Completions;
using Helix.Connect;
using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Core.Connect;
using Helix.Hardware;

namespace Helix.Cli;

/// <summary><c>helix connect</c>: writes a tool's settings so that it asks helix, and takes them out again.</summary>
internal static class ConnectVerb
{
    public static Command Create(CliWorld world)
    {
        var tool = new Argument<string?>("TOOL") { HelpName = "TOOL", Description = "Which program; without one, all that helix knows are listed.", Arity = ArgumentArity.ZeroOrOne };
        tool.CompletionSources.Add(_ => ConnectTools.All.Select(each => new CompletionItem(each.Id)));
        var model = new Option<string?>("--model") { Description = "The model that it asks for; auto without this.", HelpName = "NAME" };
        var undo = new Option<bool>("--undo") { Description = "Take helix's settings out again, and revoke the key." };
        var list = new Option<bool>("--list") { Description = "Show the programs, whether they are here, and which use helix." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask before something is written." };
        var verb = new Verb(
            "connect", "Set up another program so that it asks helix, or undo that.",
            "helix connect --list", "helix connect claude-code", "helix connect codex --model qwen3-8b --yes", "helix connect claude-code --undo") { tool, model, undo, list, yes };
        verb.Validators.Add(result =>
        {
            var isNamed = result.GetValue(tool) is not null;
            if (result.GetValue(list) && (isNamed || result.GetValue(undo))) result.AddError("--list shows all of them; it goes with nothing else.");
            else if (result.GetValue(undo) && !isNamed) result.AddError("--undo needs a program: helix connect TOOL --undo.");
            else if (result.GetValue(undo) && result.GetValue(model) is not null) result.AddError("--undo and --model do not go together.");
        });
        FormatOption.Add(verb);
        verb.SetAction((parse, _) => parse.GetValue(tool) is { } id
            ? RunAsync(parse, id, parse.GetValue(undo), parse.GetValue(model) ?? "auto", parse.GetValue(yes), world)
            : ListAsync(parse, world));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, string id, bool undo, string model, bool yes, CliWorld world)
    {
        if (ConnectTools.Find(id) is not { } tool)
        {
            var ids = ConnectTools.All.Select(each => each.Id).ToArray();
            var near = Nearest.To(id, ids) is { } meant ? $"; did you mean \"{meant}\"?" : "";
            return world.Terminal.Fail(ExitCodes.NotFound, $"helix knows no program \"{id}\"{near}", $"it knows: {string.Join(", ", ids)}");
        }

        if (IsBehindSudo(Environment.IsPrivilegedProcess, world.Places.Variable("SUDO_UID")))
            return world.Terminal.Fail(ExitCodes.Refused, "with sudo, the settings of your programs would belong to root, and you could not read them any more", "run it as yourself, not with sudo");
        using var signals = world.Interrupts.Listen();
        using var daemon = world.Daemon();
        var wish = new ConnectWish(tool, model, yes, parse.IsJson());
        try
        {
            return undo ? await new Disconnecting(wish, world, daemon).RunAsync() : await new Connecting(wish, world, daemon).RunAsync();
        }
        catch (StoppedException stopped)
        {
            return stopped.ExitCode;
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            return world.Terminal.Fail(ExitCodes.HomeUnusable, disk.Message, $"look who may read and write there; what helix keeps of it is in {world.Home.Connection(id)}");
        }
    }

    /// <summary>Somebody else than root asked for it, and root does it in that user's home.</summary>
    /// <param name="user">The number of who called sudo; null where nobody did.</param>
    public static bool IsBehindSudo(bool isPrivileged, string? user) => isPrivileged && user is { Length: > 0 } and not "0";

    private static async Task<int> ListAsync(ParseResult parse, CliWorld world)
    {
        using var signals = world.Interrupts.Listen();
        using var daemon = world.Daemon();
        // the gateway may have another address than at that time; where helix does not run, nobody knows
        var address = await daemon.GetAsync("/helix/v1/status", ApiJson.Default.StatusReport, world.Interrupts.Token) is Answer<StatusReport>.Is(var report) ? ToolValues.Reachable(report.Address) : null;
        try
        {
            var store = new ConnectionStore(world.Home);
            var tools = new ToolList([.. ConnectTools.All.Select(tool => ReportOf(tool, store, address, world))]);
            if (parse.IsJson()) return world.Terminal.WriteJson(tools, ConnectJson.Default.ToolList);
            return world.Terminal.WriteTable(
                ["TOOL", "NAME", "FOUND", "CONNECTED", "SETTINGS"],
                tools.Tools.Select(tool => new[] { tool.Id, tool.Name, tool.Found ? "yes" : "no", tool.Connected, tool.File ?? "in its environment" }));
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            return world.Terminal.Fail(ExitCodes.HomeUnusable, disk.Message);
        }
    }

    /// <param name="address">Of the gateway; null where it is not known.</param>
    private static ToolReport ReportOf(ConnectTool tool, ConnectionStore store, string? address, CliWorld world)
    {
        var places = world.Places;
        var file = tool.File?.Invoke(places);
        var trace = tool.Trace?.Invoke(places) ?? Path.GetDirectoryName(file);
        var isFound = File.Exists(file) || Path.Exists(trace) || new ToolSearch(places.Variable, world.Time).Find(tool.Programs.AsSpan()) is not null;
        var connection = store.Read(tool.Id);
        var connected = connection is null ? "no"
            : (address is not null && connection.Address != address) || (connection.Path is { } path && !Names(path, connection.Address)) ? "changed"
            : "yes";
        return new(tool.Id, tool.Name, isFound, connected, connection?.Path ?? file, tool.Dialect.ToString().ToLowerInvariant(), connection?.Address, connection?.Model, connection?.Since);
    }

    private static bool Names(string path, string address) =>
        Configuration.ConfigFile.Read(path) is Configuration.FileText.Is(var text) && text.Contains(address, StringComparison.Ordinal);
}

/// <param name="Yes">Nobody is asked.</param>
/// <param name="AsJson">What is done is told as one object.</param>
internal sealed record ConnectWish(ConnectTool Tool, string Model, bool Yes, bool AsJson);

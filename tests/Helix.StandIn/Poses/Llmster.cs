using System.Text.Json.Nodes;

namespace Helix.StandIn.Poses;

/// <summary>
/// LM Studio's daemon. <c>llmster bootstrap</c> lays itself out below <c>$HOME/.lmstudio</c>; run by <c>lms daemon up</c>, it detaches and is
/// told what to do over a loopback port that it writes down there. The real one is told over a WebSocket on a fixed port.
/// </summary>
internal static class Llmster
{
    public static string Root => Path.Combine(Stage.Variable("HOME") ?? throw new Exit(1, "HOME is not set"), ".lmstudio");

    public static string ControlFile => Path.Combine(Root, ".internal", "standin-control.json");

    public static async Task<int> RunAsync(Stage stage)
    {
        switch (stage.Arguments)
        {
            case ["--version"]:
                Stage.Say(stage.Version);
                return 0;
            case ["bootstrap"]:
                return Bootstrap(stage);
            case ["daemon"]:
                return await DaemonAsync(stage);
            default:
                throw new Exit(1, $"error: unknown command '{string.Join(' ', stage.Arguments)}'");
        }
    }

    private static int Bootstrap(Stage stage)
    {
        var home = Path.Combine(Root, "llmster", stage.Version);
        Directory.CreateDirectory(home);
        Directory.CreateDirectory(Path.Combine(Root, "bin"));
        Directory.CreateDirectory(Path.Combine(Root, ".internal")); // and not .internal/temp: 0.0.25 forgets it
        Write(Path.Combine(home, "llmster"), "llmster", stage.Version);
        Write(Path.Combine(Root, "bin", "lms"), "lms", stage.Version);
        File.WriteAllText(Path.Combine(Root, ".internal", "llmster-install-location.json"), new JsonObject { ["path"] = home }.ToJsonString());
        Stage.Say($"llmster {stage.Version} was installed");
        return 0;
    }

    private static void Write(string path, string pose, string version)
    {
        var kept = string.Concat(((string[])["DOTNET_ROOT", "STANDIN_KNOBS"]).Where(name => Stage.Variable(name) is not null)
            .Select(name => $": \"${{{name}:={Stage.Variable(name)}}}\"\nexport {name}\n"));
        File.WriteAllText(path, $"#!/bin/sh\n{kept}export DOTNET_EnableDiagnostics=0\nexec '{Environment.ProcessPath}' --as {pose} --standin-version {version} \"$@\"\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static async Task<int> DaemonAsync(Stage stage)
    {
        _ = Signals.NewSession();
        var daemon = new LmStudioDaemon(stage);
        var control = daemon.Control();
        var port = Ports.Any();
        if (!await control.TryListenAsync("127.0.0.1", port)) return 1;
        Directory.CreateDirectory(Path.GetDirectoryName(ControlFile)!);
        var written = ControlFile + ".new";
        await File.WriteAllTextAsync(written, new JsonObject { ["port"] = port, ["pid"] = Stage.Pid }.ToJsonString());
        File.Move(written, ControlFile, overwrite: true);
        using var signals = new Signals(control, Stopping.Abort);
        await Task.WhenAny(signals.EndAsync(), daemon.Down);
        await daemon.StopServerAsync();
        File.Delete(ControlFile);
        return 0;
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Helix.Core.Sandbox;
using Helix.Processes;

namespace Helix.Sandbox;

/// <summary>The hidden verb <c>helix probe FILE FOLDER PORT PID TICKS DATA</c>: runs in a sandbox, tries what no engine may, and tells what it could do.</summary>
internal static class ProbeVerb
{
    public const string Name = "probe";
    private const int BadArguments = 2;

    public static int Run(string[] args)
    {
        if (args is not [var file, var folder, var port, var pid, var ticks, var data]) return BadArguments;
        var process = int.Parse(pid, CultureInfo.InvariantCulture);
        var report = new ProbeReport(
            Can(() => File.ReadAllText(file)),
            Can(() => File.WriteAllText(Path.Combine(folder, "written"), "")),
            Can(() => Connect(int.Parse(port, CultureInfo.InvariantCulture))),
            ProcessTable.Read(process) is { } seen && seen.StartTicks == long.Parse(ticks, CultureInfo.InvariantCulture),
            OperatingSystem.IsLinux() && NativeMounts.CanMount(data),
            OperatingSystem.IsLinux() && NativeConfinement.CanTrace(),
            NativeLibc.UserId() == 0);
        // an engine that cannot write to its data is no engine
        File.WriteAllText(Path.Combine(data, "written"), "");
        Console.Out.Write(JsonSerializer.Serialize(report, SandboxJson.Default.ProbeReport));
        return 0;
    }

    private static void Connect(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
    }

    private static bool Can(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or SocketException)
        {
            return false;
        }
    }
}

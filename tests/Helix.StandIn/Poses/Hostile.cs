using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Helix.StandIn.Poses;

#pragma warning disable RS0030 // what it starts is what it is not to start

/// <summary>
/// An engine that wants out: tries each thing that no engine may, and says on its output what it could do, as JSON of names and true or false.
/// Arguments: a file and a folder that are not its own, a port and a unix socket of the machine, the pid of a process outside, a file it may only read, the MiB to take, a word of that process's command line.
/// </summary>
internal static partial class Hostile
{
    private const int Attach = 16, NewUser = 0x10000000;
    private const int ManyProcesses = 300;

    public static Task<int> RunAsync(Stage stage)
    {
        var words = stage.Arguments;
        var (file, folder, port, socket, pid, own, mebibytes) = (words[0], words[1], Number(words[2]), words[3], Number(words[4]), words[5], words[6]);
        var done = new SortedDictionary<string, bool>(StringComparer.Ordinal)
        {
            ["reads a file outside"] = Can(() => File.ReadAllBytes(file)),
            ["lists a folder outside"] = Can(() => Directory.GetFileSystemEntries(folder)),
            ["reads what only root may read"] = Can(() => File.ReadAllBytes("/etc/shadow")),
            ["writes to a folder outside"] = Can(() => File.WriteAllText(Path.Combine(folder, "written"), "")),
            ["writes to the root"] = Can(() => File.WriteAllText("/written", "")),
            ["writes to the system"] = Can(() => File.WriteAllText("/usr/written", "")),
            ["changes its model"] = Can(() => File.AppendAllText(own, "x")) || ChangesRights(own) || Can(() => File.Delete(own)),
            ["reads its model"] = Can(() => File.ReadAllBytes(own)),
            ["writes to its data"] = Can(() => File.WriteAllText(Path.Combine(Environment.CurrentDirectory, "written"), "")),
            ["connects to a port"] = Can(() => Connect(AddressFamily.InterNetwork, ProtocolType.Tcp, new IPEndPoint(IPAddress.Loopback, port))),
            ["connects to a socket"] = Can(() => Connect(AddressFamily.Unix, ProtocolType.Unspecified, new UnixDomainSocketEndPoint(socket))),
            ["has a network device"] = HasDevice(),
            ["sees a process outside"] = Sees(pid, words[7]),
            ["reads the memory of a process outside"] = Can(() => { using var memory = File.OpenRead($"/proc/{pid}/mem"); }),
            ["signals a process outside"] = Sees(pid, words[7]) && kill(pid, 0) == 0,
            ["traces"] = ptrace(Attach, -1, 0, 0) == 0 || Marshal.GetLastPInvokeError() != 1,
            ["mounts"] = mount("x", Environment.CurrentDirectory, "tmpfs", 0, null) == 0 && umount(Environment.CurrentDirectory) == 0,
            ["makes a namespace"] = unshare(NewUser) == 0,
            ["becomes root"] = getuid() != 0 && setuid(0) == 0,
            ["takes too much memory"] = Runs("hog", mebibytes),
            ["starts too many processes"] = StartsMany(),
        };
        Stage.Say(JsonSerializer.Serialize(done));
        return Task.FromResult(0);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static bool ChangesRights(string file)
    {
        var before = File.GetUnixFileMode(file);
        return Can(() => File.SetUnixFileMode(file, before ^ UnixFileMode.OtherWrite)) && File.GetUnixFileMode(file) != before;
    }

    /// <summary>The same number is another process where numbers are given anew.</summary>
    private static bool Sees(int pid, string word) =>
        Can(() => File.ReadAllText($"/proc/{pid}/cmdline")) && File.ReadAllText($"/proc/{pid}/cmdline").Contains(word, StringComparison.Ordinal);

    private static bool HasDevice()
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces().Any(device => device.NetworkInterfaceType != NetworkInterfaceType.Loopback);
        }
        catch (NetworkInformationException)
        {
            return false;
        }
    }

    private static void Connect(AddressFamily family, ProtocolType protocol, EndPoint end)
    {
        using var socket = new Socket(family, SocketType.Stream, protocol);
        socket.Connect(end);
    }

    private static bool Runs(string pose, string argument)
    {
        using var child = Process.Start(Environment.ProcessPath!, ["--as", pose, argument])!;
        child.WaitForExit();
        return child.ExitCode == 0;
    }

    /// <summary>A bomb that goes off once: so many at a time, each of which ends with this process at the latest.</summary>
    private static bool StartsMany()
    {
        var started = new List<Process>();
        try
        {
            for (var i = 0; i < ManyProcesses; i++) started.Add(Process.Start("/bin/sleep", ["60"]));
            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
        finally
        {
            foreach (var child in started) child.Kill();
        }
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

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint ptrace(nint request, nint pid, nint address, nint data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string kind, ulong flags, string? options);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount(string target);

    [LibraryImport("libc")]
    private static partial int unshare(int flags);

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    private static partial uint getuid();

    [LibraryImport("libc")]
    private static partial int setuid(uint user);
}

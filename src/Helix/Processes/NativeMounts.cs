using System.Runtime.InteropServices;
using Helix.Core.Sandbox;

namespace Helix.Processes;

/// <summary>Makes a view of its own for a process that has a namespace of mounts already: an empty root, and in it only what is named.</summary>
/// <remarks>The way of bubblewrap: the old root is moved below a root of memory, bound from there, and let go.</remarks>
internal static unsafe partial class NativeMounts
{
    private const string Old = "/old", New = "/new", Base = "/tmp";
    private const ulong ReadOnly = 1, NoSetuid = 2, NoDevices = 4, NoExecution = 8, Bind = 4096, Recursive = 16384, Private = 1 << 18;
    private const int Detach = 2;
    private const long PivotCall = 155, PivotCallArm = 41, SetAttributesCall = 442;
    private const int CurrentFolder = -100;
    private const uint AtRecursive = 0x8000;
    private const ulong AttributeReadOnly = 1, AttributeNoSetuid = 2, AttributeNoDevices = 4;
    private const UnixFileMode Everybody = (UnixFileMode)0x1ed;

    /// <exception cref="IOException">The system refused.</exception>
    public static void Enter(IEnumerable<ViewStep> view, string folder)
    {
        // links lead nowhere once the root is another one: they are followed before
        var steps = view.Select(step => (Step: step, Source: RealPath(step.Path))).ToArray();
        Mount(null, "/", null, Recursive | Private, null);
        Mount("helix", Base, "tmpfs", NoSetuid | NoDevices, "mode=755");
        Directory.CreateDirectory(Base + Old, Everybody);
        Directory.CreateDirectory(Base + New, Everybody);
        Pivot(Base, Base + Old);
        Move("/");
        Mount("helix", New, "tmpfs", NoSetuid | NoDevices, "mode=755");
        foreach (var (step, source) in steps) Put(step, source);
        NativeConfinement.Demand(umount2(Old, Detach), "the machine's files cannot be let go");
        Move(New);
        Pivot(".", ".");
        NativeConfinement.Demand(umount2(".", Detach), "the first root cannot be let go");
        Move("/");
        Close("/dev", recursive: false);
        Close("/", recursive: false);
        Move(folder);
    }

    /// <summary>Tries what no engine may: whether a folder of memory can be put over a folder.</summary>
    public static bool CanMount(string folder)
    {
        if (mount("helix", folder, "tmpfs", NoSetuid, null) != 0) return false;
        _ = umount2(folder, Detach);
        return true;
    }

    private static void Put(ViewStep step, string? source)
    {
        var target = New + step.Path;
        switch (step)
        {
            case ViewStep.Read { IsNeeded: true } or ViewStep.Write when source is null:
                throw new IOException($"{step.Path} is not there");
            case ViewStep.Read when source is not null:
                BindFrom(source, target);
                Close(target, recursive: true);
                break;
            case ViewStep.Write:
                BindFrom(source!, target);
                Attributes(target, AttributeNoSetuid | AttributeNoDevices, recursive: true);
                break;
            case ViewStep.Folder:
                MakeFolder(target);
                break;
            case ViewStep.Link(_, var to):
                File.CreateSymbolicLink(target, to);
                break;
            case ViewStep.Memory(_, var bytes):
                MakeFolder(target);
                Mount("helix", target, "tmpfs", NoSetuid | NoDevices, bytes is { } size ? $"mode=1777,size={size}" : "mode=1777");
                break;
            case ViewStep.Device when source is not null:
                BindFrom(source, target);
                break;
            case ViewStep.Processes:
                MakeFolder(target);
                Mount("proc", target, "proc", NoSetuid | NoDevices | NoExecution, null);
                break;
            case ViewStep.PlainDevices:
                PutDevices(target);
                break;
        }
    }

    private static void PutDevices(string target)
    {
        MakeFolder(target);
        Mount("helix", target, "tmpfs", NoSetuid | NoExecution, "mode=755");
        foreach (var name in (ReadOnlySpan<string>)["null", "zero", "full", "random", "urandom", "tty"]) BindFrom("/dev/" + name, $"{target}/{name}");
        Directory.CreateDirectory(target + "/shm", Everybody);
        File.CreateSymbolicLink(target + "/fd", "/proc/self/fd");
        for (var i = 0; i < 3; i++) File.CreateSymbolicLink($"{target}/{((ReadOnlySpan<string>)["stdin", "stdout", "stderr"])[i]}", $"/proc/self/fd/{i}");
    }

    private static void BindFrom(string path, string target)
    {
        if (Directory.Exists(Old + path)) MakeFolder(target);
        else if (!File.Exists(target))
        {
            MakeFolder(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, []);
        }

        Mount(Old + path, target, null, Bind | Recursive, null);
    }

    public static string? RealPath(string path)
    {
        var real = realpath(path, 0);
        var text = Marshal.PtrToStringUTF8(real);
        NativeMemory.Free((void*)real);
        return text;
    }

    private static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        MakeFolder(Path.GetDirectoryName(folder)!);
        Directory.CreateDirectory(folder, Everybody);
        File.SetUnixFileMode(folder, Everybody);
    }

    private static void Close(string target, bool recursive) => Attributes(target, AttributeReadOnly | AttributeNoSetuid | (recursive ? AttributeNoDevices : 0), recursive);

    private static void Attributes(string target, ulong set, bool recursive)
    {
        var change = stackalloc ulong[] { set, 0, 0, 0 };
        NativeConfinement.Demand((int)mount_setattr(SetAttributesCall, CurrentFolder, target, recursive ? AtRecursive : 0, change, 32), $"{target} cannot be closed");
    }

    private static void Pivot(string root, string old) =>
        NativeConfinement.Demand((int)pivot_root(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? PivotCallArm : PivotCall, root, old), "the root cannot be changed");

    private static void Move(string folder) => NativeConfinement.Demand(chdir(folder), $"{folder} cannot be entered");

    private static void Mount(string? source, string target, string? kind, ulong flags, string? options) =>
        NativeConfinement.Demand(mount(source, target, kind, flags, options), $"{target} cannot be mounted");

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string? source, string target, string? kind, ulong flags, string? options);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint realpath(string path, nint buffer);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chdir(string folder);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long pivot_root(long number, string root, string old);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long mount_setattr(long number, long folder, string path, uint flags, ulong* change, nuint size);
}

using System.Runtime.InteropServices;

namespace Helix.Processes;

/// <summary>A descriptor of ours that a started program finds under a number of its own.</summary>
internal readonly record struct PassedDescriptor(int Source, int Target);

/// <summary>Starts programs: own session, no signal blocked or ignored, no input, both outputs appended to a file, no descriptor but those named.</summary>
internal static unsafe partial class NativeSpawn
{
    private const int OwnerMayReadAndWrite = 0x180;
    private const int AttributeRoom = 512;
    private const int SignalSetRoom = 128;
    private const short DefaultSignals = 0x04;
    private const short SignalMask = 0x08;

    // macOS can also be told to pass nothing on that is not named
    private static short NewSession => (short)(OperatingSystem.IsLinux() ? 0x80 : 0x400 | 0x4000);

    private static int AppendOrCreate => OperatingSystem.IsLinux() ? 0x1 | 0x40 | 0x400 : 0x1 | 0x200 | 0x8;

    /// <returns>The pid; the program runs already.</returns>
    /// <exception cref="SpawnFailedException">It could not be started; the message says why.</exception>
    public static int Start(LaunchSpec spec, IReadOnlyList<PassedDescriptor> passed)
    {
        var trouble = Foresee(spec);
        if (trouble is not null)
            throw new SpawnFailedException(trouble);
        try
        {
            return Start(spec, passed, [spec.FileName, .. spec.Arguments], spec.WorkingDirectory);
        }
        catch (EntryPointNotFoundException)
        {
            // an old C library that cannot change the folder between fork and exec: a shell does it
            string[] command = ["/bin/sh", "-c", "cd -- \"$1\" && shift && exec \"$@\"", "sh", spec.WorkingDirectory, spec.FileName, .. spec.Arguments];
            return Start(spec, passed, command, folder: null);
        }
    }

    private static int Start(LaunchSpec spec, IReadOnlyList<PassedDescriptor> passed, string[] command, string? folder)
    {
        byte* attributes = stackalloc byte[AttributeRoom];
        byte* actions = stackalloc byte[AttributeRoom];
        byte* signals = stackalloc byte[SignalSetRoom];
        Span<int> copies = stackalloc int[passed.Count];
        using var arguments = new NativeStrings(command);
        using var environment = new NativeStrings(NativeStrings.OfEnvironment(spec.Environment));
        _ = posix_spawnattr_init(attributes);
        _ = posix_spawn_file_actions_init(actions);
        try
        {
            _ = posix_spawnattr_setflags(attributes, (short)(NewSession | DefaultSignals | SignalMask));
            _ = sigemptyset(signals);
            _ = posix_spawnattr_setsigmask(attributes, signals);
            _ = sigfillset(signals);
            _ = posix_spawnattr_setsigdefault(attributes, signals);
            _ = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", 0, 0);
            _ = posix_spawn_file_actions_addopen(actions, 1, spec.LogFile, AppendOrCreate, OwnerMayReadAndWrite);
            _ = posix_spawn_file_actions_adddup2(actions, 1, 2);
            for (var i = 0; i < passed.Count; i++)
            {
                // copied above all targets first: a target may be the number of another's source
                copies[i] = NativeLibc.Duplicate(passed[i].Source);
                if (copies[i] < 0)
                    throw new SpawnFailedException($"{spec.FileName} could not be started: {Marshal.GetLastPInvokeErrorMessage()} (descriptor {passed[i].Source}).");
                _ = posix_spawn_file_actions_adddup2(actions, copies[i], passed[i].Target);
            }

            CloseTheRest(actions, passed);
            if (folder is not null)
                _ = posix_spawn_file_actions_addchdir_np(actions, folder);
            int pid;
            var error = posix_spawn(&pid, command[0], actions, attributes, arguments.List, environment.List);
            return error == 0 ? pid : throw new SpawnFailedException($"{spec.FileName} could not be started: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
        finally
        {
            foreach (var copy in copies)
            {
                if (copy > 0)
                    NativeLibc.Close(copy);
            }

            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    // the sockets that a daemon was started with are without the close-on-exec flag; macOS closes them by itself
    private static void CloseTheRest(byte* actions, IReadOnlyList<PassedDescriptor> passed)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = posix_spawn_file_actions_addclosefrom_np(actions, passed.Select(descriptor => descriptor.Target).DefaultIfEmpty(2).Max() + 1);
        }
        catch (EntryPointNotFoundException)
        {
            // a C library before glibc 2.34: they are inherited
        }
    }

    // posix_spawn gives one number for everything that can go wrong; what can be seen beforehand is said in words
    private static string? Foresee(LaunchSpec spec)
    {
        if (!Path.IsPathFullyQualified(spec.FileName))
            return $"{spec.FileName} could not be started: the path of a program must be absolute.";
        if (!File.Exists(spec.FileName))
            return $"{spec.FileName} could not be started: there is no such file.";
        if (!Directory.Exists(spec.WorkingDirectory))
            return $"{spec.FileName} could not be started: its folder {spec.WorkingDirectory} is not there.";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(spec.LogFile)!);
            using var log = File.OpenHandle(spec.LogFile, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{spec.FileName} could not be started: its log cannot be written. {exception.Message}";
        }
    }

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int sigemptyset(byte* signals);

    [LibraryImport("libc")]
    private static partial int sigfillset(byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int source, int target);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int first);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addopen(byte* actions, int target, string path, int flags, int mode);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addchdir_np(byte* actions, string folder);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(int* pid, string path, byte* actions, byte* attributes, byte** arguments, byte** environment);
}

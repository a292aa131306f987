using System.Collections.Immutable;

namespace Helix.Core.Sandbox;

/// <summary>Numbers of system calls, from the kernel's tables.</summary>
/// <param name="Architecture">The kernel's own name of it: <c>AUDIT_ARCH_…</c>.</param>
/// <param name="Rights">They change whose a file is, and who may do what with it: chmod, fchmod, fchmodat, fchmodat2, chown, fchown, lchown, fchownat, and setxattr and removexattr in all forms.</param>
/// <param name="Refused">No engine needs them: they look into or change other processes, mounts, keys, the kernel, or the clock.</param>
internal sealed record SystemCalls(uint Architecture, uint Socket, uint Connect, uint NewProcess, ImmutableArray<uint> Rights, ImmutableArray<uint> Refused)
{
    public const uint Clone3 = 435;

    /// <summary>Numbered alike everywhere: pidfd_getfd, io_uring_*, open_tree, move_mount, fs*, mount_setattr.</summary>
    private static readonly ImmutableArray<uint> s_common = [425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442];

    // ptrace, mount, umount2, pivot_root, chroot, unshare, setns, bpf, perf_event_open, keyctl, add_key, request_key, kexec_load, kexec_file_load, init_module,
    // finit_module, delete_module, userfaultfd, process_vm_readv, process_vm_writev, open_by_handle_at, name_to_handle_at, reboot, swapon, swapoff, acct, quotactl,
    // personality, syslog, settimeofday, clock_settime, clock_adjtime, adjtimex
    private static readonly SystemCalls s_x64 = new(0xc000003e, 41, 42, 56,
    [90, 91, 268, 452, 92, 93, 94, 260, 188, 189, 190, 197, 198, 199],
    [
        101, 165, 166, 155, 161, 272, 308, 321, 298, 250, 248, 249, 246, 320, 175,
        313, 176, 323, 310, 311, 304, 303, 169, 167, 168, 163, 179,
        135, 103, 164, 227, 305, 159,
        172, 173, // iopl, ioperm
        .. s_common,
    ]);

    private static readonly SystemCalls s_arm64 = new(0xc00000b7, 198, 203, 220,
    [52, 53, 452, 54, 55, 5, 6, 7, 14, 15, 16],
    [
        117, 40, 39, 41, 51, 97, 268, 280, 241, 219, 217, 218, 104, 294, 105,
        273, 106, 282, 270, 271, 265, 264, 142, 224, 225, 89, 60,
        92, 116, 170, 112, 266, 171,
        .. s_common,
    ]);

    public static SystemCalls? Of(string architecture) => architecture switch
    {
        "x64" => s_x64,
        "arm64" => s_arm64,
        _ => null,
    };
}

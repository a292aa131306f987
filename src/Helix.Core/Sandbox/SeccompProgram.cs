using System.Collections.Immutable;

namespace Helix.Core.Sandbox;

/// <summary>One instruction of the kernel's packet filter machine, which also judges system calls.</summary>
internal readonly record struct FilterStep(ushort Code, byte IfTrue, byte IfFalse, uint Value);

/// <summary>Which system calls an engine is refused, as a program for seccomp (see seccomp(2)). What is not named here is allowed.</summary>
internal static class SeccompProgram
{
    private const ushort Load = 0x20, JumpIfEqual = 0x15, JumpIfAtLeast = 0x35, And = 0x54, Return = 0x06;
    private const uint Number = 0, Architecture = 4, FirstArgument = 16;
    private const uint Allow = 0x7fff0000, Kill = 0x80000000, Refuse = 0x00050000;
    private const uint Nothing = 0, NotPermitted = 1, NotImplemented = 38, NoSuchFamily = 97;
    private const uint ForeignCalls = 0x40000000, NewUserNamespace = 0x10000000;
    private const uint Unix = 1, Internet = 2, Internet6 = 10, Netlink = 16;

    /// <param name="architecture">x64 or arm64.</param>
    /// <param name="hasView">
    /// False: all files and sockets of its user are within its reach. Landlock keeps it from reading and writing them, not from changing their rights, nor from
    /// speaking to unix sockets: the first is taken without effect, for engines do it to files of their own; the second is refused to those that only answer.
    /// </param>
    /// <returns>Empty for an architecture whose calls are not known here.</returns>
    public static ImmutableArray<FilterStep> For(string architecture, SandboxNetwork network, bool hasView)
    {
        if (SystemCalls.Of(architecture) is not { } calls) return [];
        var steps = new List<FilterStep> { new(Load, 0, 0, Architecture), new(JumpIfEqual, 1, 0, calls.Architecture), new(Return, 0, 0, Kill), new(Load, 0, 0, Number) };
        // the 32-bit calls of x64 have numbers of their own, which would all have to be judged
        if (architecture == "x64") steps.AddRange([new(JumpIfAtLeast, 0, 1, ForeignCalls), new(Return, 0, 0, Kill)]);
        // its arguments lie in memory, where they cannot be judged: without it the C library takes clone
        RefuseCall(SystemCalls.Clone3, NotImplemented);
        foreach (var call in calls.Refused) RefuseCall(call, NotPermitted);
        if (!hasView)
        {
            foreach (var call in calls.Rights) RefuseCall(call, Nothing);
            if (network == SandboxNetwork.None) RefuseCall(calls.Connect, NotPermitted);
        }

        // each block that reads an argument ends with a return, for the number of the call is gone then
        steps.AddRange([new(JumpIfEqual, 0, 5, calls.NewProcess), new(Load, 0, 0, FirstArgument), new(And, 0, 0, NewUserNamespace), new(JumpIfEqual, 1, 0, 0), new(Return, 0, 0, Refuse | NotPermitted), new(Return, 0, 0, Allow)]);
        if (network != SandboxNetwork.Machine)
        {
            uint[] families = network == SandboxNetwork.None ? [Unix] : [Unix, Internet, Internet6, Netlink];
            steps.AddRange([new(JumpIfEqual, 0, (byte)(families.Length + 3), calls.Socket), new(Load, 0, 0, FirstArgument)]);
            steps.AddRange(families.Select((family, at) => new FilterStep(JumpIfEqual, (byte)(families.Length - at), 0, family)));
            steps.AddRange([new(Return, 0, 0, Refuse | NoSuchFamily), new(Return, 0, 0, Allow)]);
        }

        steps.Add(new(Return, 0, 0, Allow));
        return [.. steps];

        void RefuseCall(uint call, uint error) => steps.AddRange([new(JumpIfEqual, 0, 1, call), new(Return, 0, 0, Refuse | error)]);
    }
}

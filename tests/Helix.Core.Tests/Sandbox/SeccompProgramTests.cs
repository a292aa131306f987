using Helix.Core.Sandbox;

namespace Helix.Core.Tests.Sandbox;

/// <summary>The filter of system calls, run by a small machine that does as the kernel does.</summary>
public class SeccompProgramTests
{
    private const uint X64 = 0xc000003e, Allow = 0x7fff0000, Kill = 0x80000000, NotPermitted = 0x00050001, NoSuchFamily = 0x00050061, NotImplemented = 0x00050026;
    private const uint Read = 0, Socket = 41, Connect = 42, Clone = 56, ChangeMode = 90, Ptrace = 101, Mount = 165, Unshare = 272;

    [Theory]
    [InlineData(Read, 0, Allow)]
    [InlineData(Ptrace, 16, NotPermitted)]
    [InlineData(Mount, 0, NotPermitted)]
    [InlineData(Unshare, 0, NotPermitted)]
    [InlineData(Connect, 3, Allow)]
    [InlineData(SystemCalls.Clone3, 0, NotImplemented)]
    [InlineData(Clone, 0x11, Allow)]
    [InlineData(Clone, 0x10000000, NotPermitted)]
    [InlineData(0x40000000 + Read, 0, Kill)]
    public void A_call_is_judged_by_its_number_and_its_first_argument(uint call, uint argument, uint verdict) =>
        Assert.Equal(verdict, Judge(SandboxNetwork.None, X64, call, argument));

    [Theory]
    [InlineData(SandboxNetwork.None, 1, Allow)]
    [InlineData(SandboxNetwork.None, 2, NoSuchFamily)]
    [InlineData(SandboxNetwork.None, 10, NoSuchFamily)]
    [InlineData(SandboxNetwork.None, 16, NoSuchFamily)]
    [InlineData(SandboxNetwork.Loopback, 2, Allow)]
    [InlineData(SandboxNetwork.Loopback, 16, Allow)]
    [InlineData(SandboxNetwork.Loopback, 17, NoSuchFamily)]
    [InlineData(SandboxNetwork.Machine, 17, Allow)]
    internal void Sockets_are_of_the_families_that_the_network_has(SandboxNetwork network, uint family, uint verdict) => Assert.Equal(verdict, Judge(network, X64, Socket, family));

    [Fact]
    public void Without_a_view_of_its_own_an_engine_speaks_to_nobody_and_rights_of_files_stay_what_they_are()
    {
        Assert.Equal(NotPermitted, Judge(SandboxNetwork.None, X64, Connect, 3, hasView: false));
        Assert.Equal(Allow, Judge(SandboxNetwork.Loopback, X64, Connect, 3, hasView: false));
        Assert.Equal(0x00050000u, Judge(SandboxNetwork.None, X64, ChangeMode, 0, hasView: false));
        Assert.Equal(Allow, Judge(SandboxNetwork.None, X64, ChangeMode, 0));
    }

    [Fact]
    public void Calls_of_another_architecture_end_the_process() => Assert.Equal(Kill, Judge(SandboxNetwork.None, 0x40000003, Read, 0));

    [Fact]
    public void Of_an_unknown_architecture_there_is_no_filter() => Assert.Empty(SeccompProgram.For("riscv64", SandboxNetwork.None, hasView: true));

    private static uint Judge(SandboxNetwork network, uint architecture, uint call, uint argument, bool hasView = true)
    {
        var steps = SeccompProgram.For("x64", network, hasView);
        var loaded = 0u;
        for (var at = 0; ; at++)
        {
            var step = steps[at];
            switch (step.Code)
            {
                case 0x20: loaded = step.Value switch { 0 => call, 4 => architecture, 16 => argument, _ => throw new InvalidOperationException() }; break;
                case 0x54: loaded &= step.Value; break;
                case 0x15: at += loaded == step.Value ? step.IfTrue : step.IfFalse; break;
                case 0x35: at += loaded >= step.Value ? step.IfTrue : step.IfFalse; break;
                case 0x06: return step.Value;
                default: throw new InvalidOperationException();
            }
        }
    }
}

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Helix.Core.Sandbox;
using Helix.Processes;

namespace Helix.Sandbox;

/// <summary>
/// The hidden verb <c>helix confine SPEC -- COMMAND</c>: runs inside, takes away from itself all that the engine is not to have, and becomes the engine.
/// </summary>
/// <remarks>One thread from begin to end: the system's restrictions hold for the thread that asks for them, and that is the one that becomes the engine.</remarks>
internal static class ConfineVerb
{
    public static int Run(string[] args)
    {
        if (SandboxText.Parse(args) is not (var spec, var command)) return SandboxVerb.Say("helix confine is started by helix itself");
        try
        {
            var devices = SandboxVerb.Devices(spec);
            if (spec.Tier == SandboxTier.Unshare) EnterView(spec, devices);
            GiveUp(spec, devices);
            NativeConfinement.HearSignals();
            return SandboxVerb.Say($"{command[0]} could not be started: {NativeExec.Become(command[0], command[1..], SandboxVerb.OwnEnvironment())}");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return SandboxVerb.Say(refused.Message);
        }
    }

    private static void EnterView(SandboxSpec spec, ImmutableArray<string> devices)
    {
        if (spec.Network != SandboxNetwork.Machine) NativeLoopback.BringUp();
        NativeMounts.Enter(SandboxView.Of(spec, devices), spec.Folder);
    }

    private static void GiveUp(SandboxSpec spec, ImmutableArray<string> devices)
    {
        // root without its privileges cannot enter what an engine of another sandbox had before
        if (spec.OfRoot) foreach (var folder in spec.Writes) Ownership.Give(folder, spec.User ?? 0, spec.User is null ? 0 : EngineUser.Group);
        // drivers of GPUs reserve far more than they use
        if (spec.Limits is { } limits) NativeConfinement.Limit(devices.IsEmpty ? limits : limits with { MemoryBytes = null }, ofOneUser: spec.Tier != SandboxTier.Landlock && limits.ByResource);
        if (spec.Unprivileged) NativeConfinement.DropBounds();
        if (spec.User is { } user)
            NativeConfinement.BecomeUser(user, EngineUser.Group, [.. devices.Select(PathOwner.Of).OfType<PathOwner>().Select(device => device.Group).Where(group => group != 0).Distinct()]);
        if (spec.Unprivileged) NativeConfinement.DropCapabilities();
        NativeConfinement.GainNothing();
        if (spec.Tier == SandboxTier.Landlock) Landlock(spec, devices);
        if (!spec.Unprivileged) return;
        var architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        if (SeccompProgram.For(architecture, spec.Network, hasView: spec.Tier != SandboxTier.Landlock) is { IsEmpty: false } program) NativeConfinement.Filter(program);
    }

    private static void Landlock(SandboxSpec spec, ImmutableArray<string> devices)
    {
        var view = SandboxView.Of(spec, devices);
        NativeLandlock.Confine(
            [.. view.OfType<ViewStep.Read>().Select(step => step.Path), .. spec.Root.Select(folder => folder.Path), "/proc"],
            [.. spec.Writes, .. spec.SharedMemory ? ["/dev/shm"] : Array.Empty<string>()],
            ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", .. devices],
            refusesPorts: spec.Network == SandboxNetwork.None);
    }
}

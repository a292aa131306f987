using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Sandbox;
using Helix.Fleet;
using Helix.Processes;
using Helix.Sandbox;

namespace Helix.Tests.Sandbox;

/// <summary>Which files an engine needs beside those that are named.</summary>
public sealed class SandboxPathsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("paths-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_model_that_is_a_link_or_in_several_files_is_found_whole()
    {
        var blob = Write("blobs/1");
        Directory.CreateDirectory(Path.Combine(_folder, "snapshot"));
        File.CreateSymbolicLink(Path.Combine(_folder, "snapshot", "model.safetensors"), blob);
        var (first, second) = (Write("big-00001-of-00002.gguf"), Write("big-00002-of-00002.gguf"));

        Assert.Equal([Path.Combine(_folder, "snapshot"), blob], new SandboxPaths().Of([], [Path.Combine(_folder, "snapshot")]));
        Assert.Equal([first, second], new SandboxPaths().Of([], [first]));
    }

    [Fact]
    public void The_interpreter_that_an_environment_of_python_was_made_with_belongs_to_it()
    {
        var python = Write("pythons/3.12/bin/python3");
        Write("release/venv/pyvenv.cfg", $"home = {Path.GetDirectoryName(python)}\nversion = 3.12\n");

        Assert.Contains(Path.Combine(_folder, "pythons", "3.12"), new SandboxPaths().Of([Path.Combine(_folder, "release")], []));
    }

    [Fact]
    public void A_sandbox_as_a_word_is_the_same_sandbox_again()
    {
        var ground = new SandboxGround(SandboxTier.Unshare, "/usr/bin/unshare", "/opt/helix/helix", "/home/ann/.helixcode", "key", ["/opt/helix"], [new("/bin", "usr/bin")], true, [], new SecurityConfig());
        var spec = SandboxPlan.Of(new("x-m", "x", null, ["/m"], "/data", "/run/e", "/data", false, 5), ground)!;

        var (read, command) = SandboxText.Parse([SandboxText.Of(spec), SandboxText.End, "/bin/true", "--", "x"])!.Value;

        Assert.Equal(SandboxText.Of(spec), SandboxText.Of(read));
        Assert.Equal(["/bin/true", "--", "x"], command);
        Assert.Null(SandboxText.Parse(["{", SandboxText.End, "/bin/true"]));
        Assert.Null(SandboxText.Parse([SandboxText.Of(spec), SandboxText.End]));
    }

    [Fact]
    public void The_built_in_engine_is_the_same_to_a_newer_helix_and_another_in_another_sandbox()
    {
        Assert.Equal(Mark("/opt/helix/1", new()), Mark("/opt/helix/2", new()));
        Assert.NotEqual(Mark("/opt/helix/1", new()), Mark("/opt/helix/1", new SecurityConfig(NetworkIsolation: false)));

        static string Mark(string folder, SecurityConfig config)
        {
            var helix = folder + "/helix";
            var ground = new SandboxGround(SandboxTier.Unshare, "/usr/bin/unshare", helix, "/home/ann/.helixcode", "key", [folder], [], false, [], config);
            var text = SandboxText.Of(SandboxPlan.Of(new("x-m", "builtin", null, ["/m"], "/data", "/run/e", "/data", false, 5), ground)!);
            var launch = new LaunchSpec("x-m", helix, [SandboxText.Outer, text, SandboxText.End, helix, "engine"], new Dictionary<string, string>(), "/data", "/log");
            return LaunchMark.Of(new InstanceSpec("x-m", Helix.Fleet.Fleet.Builtin, "m", "/run/e/s.sock", 1, ModelAbilities.Chat, launch));
        }
    }

    [Fact]
    public void An_engine_in_a_sandbox_is_the_same_to_a_helix_that_lies_elsewhere_also_in_the_home()
    {
        var before = Mark("/srv/clone/artifacts/helix/1", "/opt/vllm/bin/vllm", new());
        Assert.Equal(before, Mark("/home/ann/.helixcode/local-llm/helix/versions/0.2.0", "/opt/vllm/bin/vllm", new()));
        Assert.NotEqual(before, Mark("/srv/clone/artifacts/helix/1", "/opt/vllm-2/bin/vllm", new()));
        Assert.NotEqual(before, Mark("/srv/clone/artifacts/helix/1", "/opt/vllm/bin/vllm", new SecurityConfig(NetworkIsolation: false)));

        static string Mark(string folder, string program, SecurityConfig config)
        {
            var helix = folder + "/helix";
            // of root, so that what lies in the home is opened to a user of the engine's own
            var ground = new SandboxGround(SandboxTier.Unshare, "/usr/bin/unshare", helix, "/home/ann/.helixcode", "key", [folder], [], true, [], config);
            var text = SandboxText.Of(SandboxPlan.Of(new("x-m", "vllm", null, ["/m", "/opt", "/home/ann/.helixcode/local-llm/models/m"], "/data", "/run/e", "/data", false, 5), ground)!);
            var launch = new LaunchSpec("x-m", helix, [SandboxText.Outer, text, SandboxText.End, program, "serve"], new Dictionary<string, string>(), "/data", "/log");
            return LaunchMark.Of(new InstanceSpec("x-m", "vllm", "m", "/run/e/s.sock", 1, ModelAbilities.Chat, launch));
        }
    }

    private string Write(string name, string text = "x")
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}

using Helix.Core.Manifests;
using Helix.Install;
using Helix.Processes;

namespace Helix.Tests.Install;

/// <summary>The real cmake and compiler, with a program of a few lines.</summary>
public sealed class SourceInstallTests : IAsyncLifetime
{
    private const string Lists = """
        cmake_minimum_required(VERSION 3.18)
        project(engine CXX)
        add_library(parts one.cpp)
        add_executable(engine main.cpp)
        target_link_libraries(engine parts)
        if(FIRST)
          add_custom_command(TARGET parts PRE_LINK COMMAND sh -c "echo once >> ${FIRST}; test -e ${FIRST}.go || { echo $$ > ${FIRST}.pid; exec sleep 1000; }" VERBATIM)
        endif()
        """;

    private readonly InstallStand _stand = new();
    private FileServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Toolbox.OnPath(_stand.Environment, "cmake") is not null && Toolbox.OnPath(_stand.Environment, "c++") is not null, "cmake or a compiler is not on the PATH");
        _server = await FileServer.StartAsync();
        _stand.Mirrors.Add($"https://example.org/={_server.Url}/");
        Publish("int one() { return 1; }\n");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _stand.Dispose();
    }

    private string First => Path.Combine(_stand.Root, "first");

    [Fact]
    public async Task A_build_keeps_what_it_shall_and_tells_how_far_it_is()
    {
        var done = Assert.IsType<InstallOutcome.Done>(await _stand.InstallAsync(Way()));
        var digest = Assert.Single(done.Digests);

        Assert.Equal(["engine"], _stand.Made);
        Assert.True(File.GetUnixFileMode(Path.Combine(_stand.Staging, "engine")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal("source-1.0.tar.gz", digest.What);
        Assert.Contains(_stand.Reports, report => report.Step.StartsWith("building engine ", StringComparison.Ordinal));
        // a trial that fails needs no second build
        Assert.Equal(Assert.Single(Directory.GetFileSystemEntries(Path.Combine(_stand.Cache, "work"))), done.Scrap);
    }

    [Fact]
    public async Task A_build_that_was_broken_off_dies_and_goes_on_where_it_was()
    {
        // every call of the compiler is written down
        _stand.Script("witness", $"echo \"$@\" >> {First}.calls; exec \"$@\"");
        var way = Way($"-DFIRST={First}", $"-DCMAKE_CXX_COMPILER_LAUNCHER={Path.Combine(_stand.Root, "bin", "witness")}");
        using var stop = new CancellationTokenSource();
        var building = _stand.InstallAsync(way, stop.Token);
        await Eventually.TrueAsync(() => File.Exists(First + ".pid") && File.ReadAllText(First + ".pid").Length > 1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => building);
        var child = int.Parse(File.ReadAllText(First + ".pid"));
        await Eventually.TrueAsync(() => ProcessTable.Read(child) is not { IsAlive: true });
        File.WriteAllText(First + ".go", "");

        await _stand.InstalledAsync(way);

        Assert.Equal(["engine"], _stand.Made);
        Assert.Single(_server.Asked);
        Assert.Single(File.ReadAllLines(First + ".calls"), line => line.Contains("one.cpp.o", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_does_not_compile_tells_where()
    {
        Publish("int one() { return nothing; }\n");

        var failed = await _stand.RefusedAsync(Way());

        Assert.Equal(("building engine", false), (failed.Step, failed.Waits));
        Assert.Contains("one.cpp", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_the_build_did_not_make_is_said() =>
        Assert.Equal("the build made no file bin/nothing*", (await _stand.RefusedAsync(Way() with { Keep = ["bin/nothing*"] })).Reason);

    private static InstallWay Way(params string[] options) => InstallStand.Way("""
        {"kind": "source", "version": "1.0", "url": "https://example.org/source-{version}.tar.gz", "target": "engine", "keep": ["engine"]}
        """) with { Options = [.. options] };

    private void Publish(string one) => _server.Files["/source-1.0.tar.gz"] = Packed.TarGz(
        ("engine-1.0/CMakeLists.txt", Lists), ("engine-1.0/one.cpp", one), ("engine-1.0/main.cpp", "#include <cstdio>\nint one();\nint main() { std::printf(\"%d\\n\", one()); }\n"));
}

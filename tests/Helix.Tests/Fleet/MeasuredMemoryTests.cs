using Helix.Core.Planning;
using Helix.Processes;
using Helix.Storage;
using Helix.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.Fleet;

public sealed class MeasuredMemoryTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();

    [Fact]
    public async Task What_was_measured_is_known_after_a_restart_and_forgotten_with_its_release()
    {
        var first = new MeasuredSeat("llamacpp", "b1", "qwen", 1000, 8192, 4);
        await using (var database = Open())
        {
            var table = new MemoryTable(database);
            table.Set(first, 70);
            table.Set(first, 80);
            table.Set(first with { Slots = 1 }, 30);
        }

        await using (var database = Open())
        {
            var table = new MemoryTable(database);
            Assert.Equal([30, 80], (await AllAsync(table)).Peaks.Values.Order());
            table.Set(first with { Release = "b2" }, 90);
            Assert.Equal([90], (await AllAsync(table)).Peaks.Values);
        }
    }

    [Fact]
    public void A_session_takes_at_least_what_one_of_its_processes_has_touched()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux tells it");
        var touched = new byte[64 << 20];
        Array.Fill(touched, (byte)1);

        var session = ProcessTable.Read(Environment.ProcessId)!.Session;

        var (leader, bytes) = Assert.Single(new ProcessMemory().OfSessions([session, int.MaxValue]));
        Assert.Equal(session, leader);
        Assert.True(bytes > touched.Length, $"{bytes}");
        GC.KeepAlive(touched);
    }

    [Fact]
    public void What_a_session_takes_more_than_at_the_last_look_is_seen_at_the_next()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux tells it");
        var session = ProcessTable.Read(Environment.ProcessId)!.Session;
        var memory = new ProcessMemory();
        var before = memory.OfSessions([session])[session];
        var touched = new byte[64 << 20];
        Array.Fill(touched, (byte)1);

        Assert.True(memory.OfSessions([session])[session] > before + (touched.Length / 2));
        GC.KeepAlive(touched);
    }

    public void Dispose() => _temporary.Dispose();

    private Database Open() => new(_temporary.Home.Database, TimeProvider.System, NullLogger<Database>.Instance);

    private static async Task<MemoryLedger> AllAsync(MemoryTable table) => Assert.IsType<Stored<MemoryLedger>.Ok>(await table.AllAsync()).Value;
}

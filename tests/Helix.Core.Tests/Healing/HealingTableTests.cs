using Helix.Core.Fleet;
using Helix.Core.Healing;

namespace Helix.Core.Tests.Healing;

public class HealingTableTests
{
    /// <summary>One line for each row of the table, and for each way in which engines say it.</summary>
    public static TheoryData<string, string, int?, int?, string> Ends => new()
    {
        { "memory_refused", nameof(Remedy.SmallerPlan), 1, null, "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB." },
        { "memory_refused", nameof(Remedy.SmallerPlan), null, 6, "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 4096.00 MiB on device 0: cudaMalloc failed: out of memory" },
        { "memory_refused", nameof(Remedy.SmallerPlan), 1, null, "ValueError: No available memory for the cache blocks." },
        { "memory_refused", nameof(Remedy.SmallerPlan), null, 6, "terminate called after throwing an instance of 'std::bad_alloc'" },
        { "port_taken", nameof(Remedy.OtherPort), 1, null, "OSError: [Errno 98] error while attempting to bind on address ('127.0.0.1', 5000): address already in use" },
        { "port_taken", nameof(Remedy.OtherPort), 1, null, "Error: listen EADDRINUSE: address already in use 127.0.0.1:24360" },
        { "disk_full", nameof(Remedy.FreeDisk), 1, null, "OSError: [Errno 28] No space left on device" },
        { "model_broken", nameof(Remedy.VerifyModel), 1, null, "gguf_init_from_file_impl: invalid magic characters: 'xxxx', expected 'GGUF'" },
        { "model_broken", nameof(Remedy.VerifyModel), 1, null, "safetensors_rust.SafetensorError: Error while deserializing header: HeaderTooLarge" },
        { "model_broken", nameof(Remedy.VerifyModel), null, 7, "" },
        { "flags", nameof(Remedy.Rollback), 2, null, "api_server.py: error: unrecognized arguments: --max-num-seqs" },
        { "flags", nameof(Remedy.Rollback), 1, null, "error: invalid argument: --no-webui" },
        { "instruction", nameof(Remedy.Rollback), null, 4, "" },
        { "parts_missing", nameof(Remedy.Rebuild), 127, null, "./llama-server: error while loading shared libraries: libllama.so: cannot open shared object file: No such file or directory" },
        { "parts_missing", nameof(Remedy.Rebuild), 1, null, "ModuleNotFoundError: No module named 'vllm'" },
        { "gpu_lost", nameof(Remedy.Restart), 1, null, "RuntimeError: CUDA error: unspecified launch failure" },
        { "killed", nameof(Remedy.Restart), null, 9, "ready" },
        { "crashed", nameof(Remedy.Restart), null, 11, "" },
        { "ended", nameof(Remedy.Restart), 0, null, "bye" },
        { "ended", nameof(Remedy.Restart), null, 15, "" },
        { "unseen", nameof(Remedy.Restart), null, null, "" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void Every_end_has_its_cause_and_its_remedy(string code, string remedy, int? exit, int? signal, string log)
    {
        var diagnosis = HealingTable.Of(new Symptom(exit, signal, ["starting", log]));

        Assert.Equal((code, remedy, false), (diagnosis.Code, diagnosis.Remedy.ToString(), diagnosis.Hopeless));
    }

    [Theory]
    [InlineData(4, "model_broken", Remedy.VerifyModel)]
    [InlineData(3, "library", Remedy.Rebuild)]
    [InlineData(2, "arguments", Remedy.Rollback)]
    internal void The_built_in_engine_says_by_its_exit_code_that_the_same_again_cannot_help(int exit, string code, Remedy remedy)
    {
        var diagnosis = HealingTable.Of(new Symptom(exit, null, []) { IsOurs = true });

        Assert.Equal((code, remedy, true), (diagnosis.Code, diagnosis.Remedy, diagnosis.Hopeless));
        Assert.False(HealingTable.Of(new Symptom(exit, null, [])).Hopeless);
    }

    [Theory]
    [InlineData(HealthStep.Token, "wedged")]
    [InlineData(HealthStep.Endpoint, "silent")]
    [InlineData(HealthStep.Listen, "silent")]
    [InlineData(HealthStep.Identity, "other_model")]
    internal void One_that_helix_ended_is_told_by_the_step_at_which_it_was_unwell(HealthStep unwell, string code) =>
        Assert.Equal(code, HealingTable.Of(new Symptom(null, 9, ["ready"]) { Unwell = unwell }).Code);

    [Fact]
    public void A_kill_while_the_kernel_ran_out_of_memory_is_no_kill_by_somebody()
    {
        var diagnosis = HealingTable.Of(new Symptom(null, 9, ["ready"]) { MemoryRanOut = true });

        Assert.Equal(("memory_killed", Remedy.SmallerPlan), (diagnosis.Code, diagnosis.Remedy));
        Assert.Equal("crashed", HealingTable.Of(new Symptom(null, 11, []) { MemoryRanOut = true }).Code);
    }

    [Fact]
    public void A_full_disk_is_seen_without_words() => Assert.Equal("disk_full", HealingTable.Of(new Symptom(1, null, []) { DiskIsFull = true }).Code);

    [Fact]
    public void Every_row_can_be_reached()
    {
        string[] seen =
        [
            .. Ends.Select(end => end.Data.Item1), "memory_killed", "library", "arguments", "wedged", "silent", "other_model",
        ];

        Assert.Equal(HealingTable.Rows.Select(row => row.Code).Order(), seen.Distinct().Order());
    }

    [Fact]
    public void Every_remedy_but_a_restart_has_its_words() =>
        Assert.All(Enum.GetValues<Remedy>(), remedy => Assert.Equal(remedy == Remedy.Restart, HealingTable.WordsOf(remedy) is null));
}

using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Core.Manifests;

namespace Helix.Core.Hardware;

/// <summary>A machine as somebody described it in a file, to be planned for instead of the one at hand.</summary>
internal sealed record MachineFile(MachineFacts Machine, HardwareFacts Hardware)
{
    private const double Gigabyte = 1e9;
    private const double MostGigabytes = 1e6;
    private const int MostGpus = 64;

    /// <summary>Of a Linux machine whose file does not name one: that of Ubuntu 24.04.</summary>
    private static readonly Version s_glibc = new(2, 39);

    private static readonly string[] s_keys = ["os", "architecture", "os_version", "glibc", "cores", "memory_gb", "available_memory_gb", "free_disk_gb", "vulkan", "wsl", "gpus"];
    private static readonly string[] s_gpuKeys = ["kind", "name", "count", "memory_gb", "compute_capability", "driver"];

    /// <summary>Either the machine or all that is wrong, each with its path.</summary>
    public static (MachineFile? File, ImmutableArray<ConfigError> Errors) Parse(ConfigDocument document)
    {
        var read = new Reader(document);
        var root = document.Values;
        read.Keys(root, s_keys, "");
        var os = read.Word(root, "os", "", ["linux", "macos", "windows"], required: true) ?? "linux";
        var architecture = read.Word(root, "architecture", "", ["x64", "arm64"], required: true) ?? "x64";
        var memory = read.Bytes(root, "memory_gb", "", required: true) ?? 0;
        var cores = read.Whole(root, "cores", "", 1, 4096, required: true) ?? 1;
        var available = read.Bytes(root, "available_memory_gb", "", required: false);
        if (available > memory) read.Refuse("available_memory_gb", "is more than memory_gb");
        var disk = read.Bytes(root, "free_disk_gb", "", required: false);
        var hasOther = root["glibc"] is JsonValue said && said.GetValueKind() == JsonValueKind.String && said.GetValue<string>() == "none";
        var glibc = hasOther ? null : read.Release(root, "glibc", "");
        if (root["glibc"] is not null && os != "linux") read.Refuse("glibc", "belongs to Linux only");
        var isWsl = read.Toggle(root, "wsl", "");
        if (isWsl && os != "linux") read.Refuse("wsl", "is Linux inside Windows: write os: linux");
        var gpus = read.Gpus(root);
        // what nobody says is not held against it: every driver of a GPU brings Vulkan, save Apple's and the one for WSL
        var vulkan = read.Toggle(root, "vulkan", "", os != "macos" && !isWsl && gpus.Any(gpu => gpu.Kind != Accelerator.Apple));
        var machine = new MachineFacts(os, architecture, read.Release(root, "os_version", ""), glibc ?? (os == "linux" && !hasOther ? s_glibc : null), memory, disk, gpus, vulkan, isWsl);
        // Apple's own chips share the machine's memory, and the built-in engine computes on them
        var accelerated = os == "macos" && architecture == "arm64";
        var errors = read.Errors.OrderBy(error => error.Line ?? 0).ToImmutableArray();
        return errors.IsEmpty ? (new(machine, new(memory, available, cores, disk, accelerated, [.. machine.Gpus.Select(gpu => new GpuFacts(gpu.Name, gpu.MemoryBytes))])), errors) : (null, errors);
    }

    private sealed class Reader(ConfigDocument document)
    {
        public List<ConfigError> Errors { get; } = [];

        public void Refuse(string path, string what) => Errors.Add(new(path, document.Lines.TryGetValue(path, out var line) ? line : null, what));

        public void Keys(JsonObject map, string[] known, string path)
        {
            foreach (var (key, _) in map)
                if (!known.Contains(key))
                    Refuse(Join(path, key), Nearest.To(key, known) is { } near ? $"there is no such key; did you mean {near}?" : $"there is no such key; these are known: {string.Join(", ", known)}");
        }

        public ImmutableArray<ComputeGpu> Gpus(JsonObject root)
        {
            if (root["gpus"] is not { } value) return [];
            var gpus = ImmutableArray.CreateBuilder<ComputeGpu>();
            if (value is not JsonArray rows)
            {
                Refuse("gpus", "must be a list of sections, each with a dash before it");
                return [];
            }

            for (var i = 0; i < rows.Count; i++)
            {
                var path = $"gpus[{i}]";
                if (rows[i] is not JsonObject row)
                {
                    Refuse(path, "must be a section with keys of its own");
                    continue;
                }

                Keys(row, s_gpuKeys, path);
                var kind = Word(row, "kind", path, ["nvidia", "amd", "apple", "intel"], required: true);
                var gpu = new ComputeGpu(
                    kind switch { "nvidia" => Accelerator.Nvidia, "amd" => Accelerator.Amd, "apple" => Accelerator.Apple, _ => Accelerator.Vulkan },
                    Text(row, "name", path) ?? $"the {(kind ?? "unknown").ToUpperInvariant()} GPU", Bytes(row, "memory_gb", path, required: false), Release(row, "compute_capability", path), Release(row, "driver", path));
                gpus.AddRange(Enumerable.Repeat(gpu, Whole(row, "count", path, 1, MostGpus, required: false) ?? 1));
            }

            return gpus.ToImmutable();
        }

        public string? Word(JsonObject map, string key, string path, ImmutableArray<string> allowed, bool required) =>
            Checked(map, key, path, new SettingKind.Choice(allowed), required)?.GetValue<string>();

        public int? Whole(JsonObject map, string key, string path, int min, int max, bool required) =>
            Checked(map, key, path, new SettingKind.Whole(min, max, ""), required) is { } number ? (int)SettingKind.NumberOf(number) : null;

        public bool Toggle(JsonObject map, string key, string path, bool otherwise = false) => Checked(map, key, path, new SettingKind.Toggle(), false)?.GetValue<bool>() ?? otherwise;

        /// <summary>Written in 10^9 bytes, with a fraction if need be.</summary>
        public long? Bytes(JsonObject map, string key, string path, bool required)
        {
            if (Value(map, key, path, required) is not { } value) return null;
            if (value.GetValueKind() == JsonValueKind.Number && SettingKind.NumberOf(value) is >= 0 and <= MostGigabytes and var gigabytes) return (long)(gigabytes * Gigabyte);
            Refuse(Join(path, key), $"must be a number from 0 to {MostGigabytes:0} (10^9 bytes), was {value.ToJsonString()}");
            return null;
        }

        /// <summary>A number with a point may be a version, too: 2.36 needs no quotes.</summary>
        public Version? Release(JsonObject map, string key, string path)
        {
            if (Value(map, key, path, false) is not { } value) return null;
            var text = value.GetValueKind() == JsonValueKind.Number ? value.ToJsonString() : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";
            if (Dotted.Parse(text) is { } version) return version;
            Refuse(Join(path, key), $"must be a version like 2.36, was {value.ToJsonString()}");
            return null;
        }

        private string? Text(JsonObject map, string key, string path) =>
            Checked(map, key, path, new SettingKind.Text("a name of 1 to 100 letters", text => text.Length is > 0 and <= 100 && !text.Any(char.IsControl) ? null : ""), false)?.GetValue<string>();

        private JsonNode? Checked(JsonObject map, string key, string path, SettingKind kind, bool required)
        {
            if (Value(map, key, path, required) is not { } value) return null;
            if (kind.Refuse(value) is not { } wrong) return value;
            Refuse(Join(path, key), wrong);
            return null;
        }

        private JsonNode? Value(JsonObject map, string key, string path, bool required)
        {
            if (map[key] is { } value) return value;
            if (required) Errors.Add(new(Join(path, key), document.Lines.TryGetValue(path, out var line) ? line : null, "is missing"));
            return null;
        }

        private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
    }
}

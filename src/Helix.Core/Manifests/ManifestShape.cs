using System.Collections.Immutable;
using Helix.Core.Configuration;

namespace Helix.Core.Manifests;

/// <summary>Every key of a manifest. The parser and <c>providers/schema.json</c> both follow this one table.</summary>
internal static class ManifestShape
{
    private static readonly ImmutableArray<string> s_systems = ["linux", "macos", "windows"];
    private static readonly ImmutableArray<string> s_architectures = ["x64", "arm64"];
    private static readonly ImmutableArray<string> s_accelerators = ["none", "nvidia", "amd", "apple", "vulkan"];

    private static readonly ImmutableArray<Field> s_verified =
    [
        Must("release", "The release that was run.", Text()),
        Must("date", "The day, as 2026-11-22.", Text("a day, written like \"2026-11-22\"", ManifestWords.RefuseDay)),
        Must("platform", "Operating system and architecture on which it was run, as linux-x64.", Text()),
    ];

    private static readonly ImmutableArray<Field> s_platform =
    [
        Must("os", "Operating system.", Choice(s_systems)),
        Must("architectures", "Processors for which there is a build.", new Shape.Words(s_architectures)),
        May("os_version", "Oldest release of macOS; with os: macos only.", Version()),
        May("glibc", "Oldest C library; with os: linux only.", Version()),
        May("accelerator", "What it computes on; without this key, the processor.", Choice(s_accelerators)),
        May("compute_capability", "Lowest compute capability of the GPU; with accelerator: nvidia only.", Version()),
        May("driver", "Oldest driver of the GPU; with accelerator: nvidia only.", Version()),
        May("device_memory_gb", "Memory that one GPU must have, in 10^9 bytes; with accelerator: nvidia, amd or vulkan only.", Gigabytes()),
        May("memory_gb", "Memory that the machine must have, in 10^9 bytes.", Gigabytes()),
        May("disk_gb", "Free disk that an installation takes, without models, in 10^9 bytes.", Gigabytes()),
        May("otherwise", "What to do where this is not met; shown behind the reason.", Text()),
    ];

    private static readonly ImmutableArray<Field> s_runs =
    [
        Must("elsewhere", "What to say on a platform that is not listed; shown behind the reason.", Text()),
        Must("platforms", "Where it runs. One of them must be met, and the first that is met is taken: the best comes first.", new Shape.Rows(s_platform)),
    ];

    private static readonly ImmutableArray<Field> s_asset =
    [
        Must("os", "Operating system.", Choice(s_systems)),
        Must("architectures", "Processors.", new Shape.Words(s_architectures)),
        May("accelerator", "What this file computes on; without this key, whatever there is.", Choice(s_accelerators)),
        Must("name", "Name of the file; {version} stands for the version.", Text()),
        May("bytes", "Its size.", new Shape.Value(new SettingKind.Whole(1, int.MaxValue, "bytes"))),
        May("sha512", "Its digest in hexadecimal digits.", Text("128 hexadecimal digits in small letters", ManifestWords.RefuseSha512)),
    ];

    private static readonly ImmutableArray<Field> s_install =
    [
        Must("kind", "archive and binary: a file of a release; python: a package in an environment of its own; git: a checkout; npm: a package; source: to be built; vendor: the maker's own download; attach: used when the user has it running; built-in: comes with helix.",
            Choice(["archive", "binary", "python", "git", "npm", "source", "vendor", "attach", "built-in"])),
        May("package", "Name of the package.", Text()),
        May("version", "Exact version.", Text()),
        May("url", "Where it comes from; {version} and {asset} stand for the version and the file.", Url()),
        May("checksums", "Where the digests of the files stand; {version} stands for the version.", Url()),
        May("assets", "The files, the best for a machine first.", new Shape.Rows(s_asset)),
        May("accept", "Address of the terms that the user must accept before anything is fetched.", Url()),
    ];

    private static readonly ImmutableArray<Field> s_ready =
    [
        Must("path", "Path to ask.", Path()),
        May("status", "HTTP status of a server that is ready.", new Shape.Value(new SettingKind.Whole(100, 599, ""))),
    ];

    private static readonly ImmutableArray<Field> s_identity =
    [
        Must("path", "Path to ask.", Path()),
        May("field", "Key of the answer that tells what the server is.", Text()),
        May("value", "What stands behind that key; without it, anything.", Text()),
    ];

    private static readonly ImmutableArray<Field> s_metrics =
    [
        Must("path", "Path of the Prometheus text.", Path()),
        May("running", "Requests that are computed now.", Text()),
        May("waiting", "Requests that wait.", Text()),
        May("cache_used", "Use of the key-value cache.", Text()),
        May("prompt_tokens", "Counter of prompt tokens.", Text()),
        May("generated_tokens", "Counter of generated tokens.", Text()),
    ];

    private static readonly ImmutableArray<Field> s_serves =
    [
        May("port", "The port that it takes when it is not told another.", new Shape.Value(new SettingKind.Whole(1, 65535, ""))),
        Must("dialects", "APIs that it speaks.", new Shape.Words(["openai", "anthropic", "ollama", "kobold"])),
        Must("abilities", "What it can be asked for.", new Shape.Words(
            ["chat", "completions", "embeddings", "rerank", "images", "transcription", "speech", "tools", "json_schema", "vision", "tokenize", "load_unload"])),
        May("ready", "How it tells that it is ready.", new Shape.Section(s_ready)),
        May("identity", "How it tells what it is.", new Shape.Section(s_identity)),
        May("metrics", "Names of its metrics.", new Shape.Section(s_metrics)),
    ];

    public static ImmutableArray<Field> Fields { get; } =
    [
        Must("id", "The name by which commands and settings know it: small letters, digits, _ and -, a letter first.", Text("an id", ManifestWords.RefuseId)),
        Must("name", "The name that people know.", Text()),
        Must("category", "The group in which it is listed.", Choice(Manifest.Categories)),
        Must("description", "What it is good for, in a few words.", Text()),
        Must("licence", "Its licence: an SPDX identifier, or words.", Text()),
        Must("home", "Its home page.", Url()),
        Must("tier", "1: meant to run by itself wherever it can; 2: with limits; 3: no longer kept up by its makers, or only used when the user runs it.", new Shape.Value(new SettingKind.Whole(1, 3, ""))),
        May("release", "Newest release known when the manifest was written.", Text()),
        May("verified", "The last release that was really run; without this key, none was.", new Shape.Section(s_verified)),
        Must("runs", "Where it runs.", new Shape.Section(s_runs)),
        May("install", "Ways to install it, the best first. Checked; not used yet.", new Shape.Rows(s_install)),
        May("serves", "What it answers once it runs. Checked; not used yet.", new Shape.Section(s_serves)),
    ];

    private static Field Must(string name, string meaning, Shape shape) => new(name, true, meaning, shape);

    private static Field May(string name, string meaning, Shape shape) => new(name, false, meaning, shape);

    private static Shape.Value Choice(ImmutableArray<string> values) => new(new SettingKind.Choice(values));

    private static Shape.Value Text(string what = "a text", Func<string, string?>? check = null) => new(new SettingKind.Text(what, check ?? ManifestWords.RefuseText));

    private static Shape.Value Version() => Text("a version in quotes, like \"2.28\"", ManifestWords.RefuseVersion);

    private static Shape.Value Url() => Text("an https address", ManifestWords.RefuseUrl);

    private static Shape.Value Path() => Text("a path, like /health", ManifestWords.RefusePath);

    private static Shape.Value Gigabytes() => new(new SettingKind.Whole(1, 100_000, "GB"));
}

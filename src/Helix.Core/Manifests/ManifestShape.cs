using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Gateway;

namespace Helix.Core.Manifests;

/// <summary>Every key of a manifest. The parser and <c>providers/schema.json</c> both follow this one table.</summary>
internal static class ManifestShape
{
    private static readonly ImmutableArray<string> s_systems = ["linux", "macos", "windows"];
    private static readonly ImmutableArray<string> s_architectures = ["x64", "arm64"];
    private static readonly ImmutableArray<string> s_accelerators = ["none", "nvidia", "amd", "apple", "vulkan"];

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
        May("sha256", "Its digest in hexadecimal digits.", Text("64 hexadecimal digits in small letters", ManifestWords.RefuseSha256)),
        May("sha512", "Its digest in hexadecimal digits.", Text("128 hexadecimal digits in small letters", ManifestWords.RefuseSha512)),
    ];

    private static readonly ImmutableArray<Field> s_file =
    [
        Must("path", "Where it lies; {release} and {data} stand for the folders of the release and of the engine's data.", Template(Placeholders.Launch)),
        May("from", "Name of a file that comes with helix.", Text()),
        May("lines", "Its lines.", Lines(Placeholders.Launch)),
        May("link", "The file that it is to be: a hard link where that can be, else a symbolic one.", Template(Placeholders.Launch)),
    ];

    private static readonly ImmutableArray<Field> s_step =
    [
        Must("run", "Program and arguments; {release} stands for the folder that is being made.", Lines(Placeholders.Install)),
        May("in", "Folder in which it runs, below the release.", Text()),
        May("environment", "Variables, each as NAME=VALUE.", Lines(Placeholders.Install, ManifestWords.RefuseVariable)),
    ];

    private static readonly ImmutableArray<Field> s_install =
    [
        Must("kind", "archive and binary: a file of a release; python: a package in an environment of its own; git: a checkout; npm: a package; source: to be built with cmake; vendor: the maker's own download; attach: used when the user has it running; built-in: comes with helix.",
            Choice(["archive", "binary", "python", "git", "npm", "source", "vendor", "attach", "built-in"])),
        May("accelerators", "What it computes on; without this key, anything.", new Shape.Words(s_accelerators)),
        May("package", "Name of the package.", Text()),
        May("version", "Exact version.", Text()),
        May("url", "Where it comes from; {version} and {asset} stand for the version and the file.", Url()),
        May("checksums", "Where the digests of the files stand; {version} and {asset} stand for the version and the file.", Url()),
        May("assets", "The files, the best for a machine first.", new Shape.Rows(s_asset)),
        May("accept", "Address of the terms that the user must accept before anything is fetched.", Url()),
        May("bytes", "What it takes on disk when it is installed.", new Shape.Value(new SettingKind.Whole(1, int.MaxValue, "bytes"))),
        May("needs", "Programs that the steps call.", new Shape.Words(["git", "python", "node", "cmake", "compiler"])),
        May("program", "The file's name in the release, with kind: binary.", Text()),
        May("strip", "Folders to leave out at the front of each name in an archive.", new Shape.Value(new SettingKind.Whole(0, 5, ""))),
        May("python", "Oldest Python that will do, with kinds python and git.", Version()),
        May("python_below", "First Python that is too new, with kinds python and git.", Version()),
        May("packages", "Further packages, each with its exact version, with kinds python, npm and git.", Lines(Placeholders.Install)),
        May("indexes", "Further package indexes, with kinds python and git.", Lines(Placeholders.Install, ManifestWords.RefuseUrl)),
        May("bundle", "Path of the git bundle that holds the source, inside the package; with kind: source.", Text()),
        May("options", "Options of cmake, with kind: source.", Lines(Placeholders.Install)),
        May("target", "What cmake builds, with kind: source.", Text()),
        May("keep", "Files of the build that make the release, as names with *; with kind: source.", Lines(Placeholders.Install)),
        May("images", "OCI images whose files are laid into the release, each as NAME=REFERENCE.", Lines(Placeholders.Install, ManifestWords.RefuseVariable)),
        May("files", "Files of ours that belong to the release.", new Shape.Rows(s_file)),
        May("steps", "What is run in the release after that, in this order.", new Shape.Rows(s_step)),
    ];

    private static readonly ImmutableArray<Field> s_models =
    [
        Must("formats", "Formats that it loads.", new Shape.Words(["gguf", "safetensors", "exl3", "mlx"])),
        May("architectures", "Architectures that it knows, as general.architecture of GGUF; without this key, all.", Lines([])),
        May("name", "The name under which it knows the model.", Template(Placeholders.Launch)),
    ];

    private static readonly ImmutableArray<Field> s_words =
    [
        Must("words", "Words of the command line.", Lines(Placeholders.Launch)),
        May("accelerator", "Only when it computes on this.", Choice(s_accelerators)),
        May("ability", "Only for models that can do this.", Choice(AbilityWords.OfModels)),
        May("format", "Only for models of this format.", Choice(["gguf", "safetensors", "exl3", "mlx"])),
    ];

    private static readonly ImmutableArray<Field> s_process =
    [
        Must("program", "The program; {node} and {python} stand for those of the release.", Template(Placeholders.Launch)),
        May("arguments", "Its command line, in this order.", new Shape.Rows(s_words)),
        May("ready", "Path on its port that must answer before the next one is started.", Path()),
        May("port", "Which port it listens on: 1 is {port}, 2 is {port2}, 3 is {port3}.", new Shape.Value(new SettingKind.Whole(1, 3, ""))),
    ];

    private static readonly ImmutableArray<Field> s_run =
    [
        Must("run", "Program and arguments.", Lines(Placeholders.Launch)),
    ];

    private static readonly ImmutableArray<Field> s_launch =
    [
        Must("listen", "socket: it answers on the unix socket {socket}; port: on 127.0.0.1 and {port}.", Choice(["socket", "port"])),
        May("before", "What is run to its end before, in this order.", new Shape.Rows(s_run)),
        May("processes", "What is kept running, in this order; the last one answers. Without this key, what was run before goes on by itself.", new Shape.Rows(s_process)),
        May("after", "What is run to stop it, in this order.", new Shape.Rows(s_run)),
        May("environment", "Variables, each as NAME=VALUE.", Lines(Placeholders.Launch, ManifestWords.RefuseVariable)),
        May("folder", "Folder in which it runs; without this key, that of its data.", Template(Placeholders.Launch)),
        May("files", "Files that are written before each start.", new Shape.Rows(s_file)),
        May("key", "header: it is given {key}, and asks every caller for it as a bearer token.", Choice(["header"])),
        May("start_seconds", "How long it may take until it answers, beside the time that its model needs.", Seconds()),
        May("listen_seconds", "How long it may take until it takes connections; without this key, start_seconds. This and the next three are beside the time that its model needs.", Seconds()),
        May("ready_seconds", "How long it may take from there until it says that it is ready; without this key, start_seconds.", Seconds()),
        May("identity_seconds", "How long it may take from there until it names its model; without this key, start_seconds.", Seconds()),
        May("canary_seconds", "How long it may take from there until its first token; without this key, 60.", Seconds()),
        May("stop_seconds", "How long it may take to stop.", new Shape.Value(new SettingKind.Whole(1, 600, "seconds"))),
        May("slots", "Requests that it can compute at once; without this key, as many as are planned.", new Shape.Value(new SettingKind.Whole(1, 1024, "requests"))),
        May("instances", "How many of it run at a time, each with one model; without this key, as many as fit.", new Shape.Value(new SettingKind.Whole(1, 64, "instances"))),
        May("memory_mb", "Memory that it takes without a model, in 10^6 bytes.", new Shape.Value(new SettingKind.Whole(1, 1_000_000, "MB"))),
        May("device_memory_mb", "Memory that it takes of each GPU without a model, in 10^6 bytes; without this key, 800.", new Shape.Value(new SettingKind.Whole(1, 1_000_000, "MB"))),
    ];

    private static readonly ImmutableArray<Field> s_told =
    [
        Must("run", "Program and arguments.", Lines(Placeholders.Install)),
        May("says", "What must stand in its answer; without this key, the version.", Template(Placeholders.Install)),
    ];

    private static readonly ImmutableArray<Field> s_newer =
    [
        Must("from", "github-releases, github-commits, npm, python: where new versions are listed.", Choice(["github-releases", "github-commits", "npm", "python"])),
        Must("name", "owner/repository, or the package.", Text()),
        May("prefix", "What stands before the number in a tag.", Text()),
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

    private static readonly ImmutableArray<Field> s_list =
    [
        Must("path", "Path to ask.", Path()),
        Must("field", "Key of the answer that lists the models it has loaded, or names the one, with dots between keys: data.id.", Text()),
        May("value", "What must stand there, where it does not name its model.", Text()),
    ];

    private static readonly ImmutableArray<Field> s_canary =
    [
        Must("path", "Path to ask for one token.", Path()),
        May("body", "What to send; {model} stands for the model's name.", Text()),
    ];

    private static readonly ImmutableArray<Field> s_continues =
    [
        May("chat", "What of a chat's body takes the text so far: messages, where it is the last of them, the assistant's; else a member of its own.", Text("the name of a member", ManifestWords.RefuseTextMember)),
        May("members", "What a chat's body says besides, each as NAME=JSON.", new Shape.Lines(ManifestWords.RefuseMember)),
        May("completions", "Whether a completion goes on where its prompt has the text so far behind it, and nothing is left out or added at that place.", new Shape.Value(new SettingKind.Toggle())),
    ];

    private static readonly ImmutableArray<Field> s_parameters =
    [
        May("of", "On which of its paths; without this key, on all.", new Shape.Words(GapsReading.Paths)),
        May("lacks", "What it does not know and what changes the answer: another engine is asked, or the request refused. response_format is any type but text, json_object this type only; json_schema is one of the abilities.", new Shape.Words(ParameterTable.Words)),
        May("drops", "What it does not know and what changes no answer: it is left out, and named in the answer's header x-helix-dropped.", new Shape.Words(ParameterTable.Words)),
        May("rejects", "As the two above, where it refuses the mere name: that is left out, too, where it asks for nothing.", new Shape.Words(ParameterTable.Words)),
    ];

    private static readonly ImmutableArray<Field> s_metrics =
    [
        Must("path", "Path of the Prometheus text.", Path()),
        May("running", "Requests that are computed now.", Text()),
        May("waiting", "Requests that wait.", Text()),
        May("cache_used", "Use of the key-value cache.", Text()),
        May("prompt_tokens", "Counter of prompt tokens.", Text()),
        May("generated_tokens", "Counter of generated tokens.", Text()),
        May("steps", "Counter of steps of computing.", Text()),
    ];

    private static readonly ImmutableArray<Field> s_logIn =
    [
        Must("path", "Path to which the form is posted.", Path()),
        Must("form", "The form as it is sent, with {key} in it.", Template(["key"])),
    ];

    private static readonly ImmutableArray<Field> s_interface =
    [
        Must("path", "Path of its first page.", Path()),
        May("port", "Which of the engine's ports it is on: 1 is {port}, 2 is {port2}, 3 is {port3}; without this key, where it answers.", new Shape.Value(new SettingKind.Whole(1, 3, ""))),
        May("log_in", "How a browser is let in, where the engine's own key does not do that: the cookies of the answer are the browser's.", new Shape.Section(s_logIn)),
    ];

    private static readonly ImmutableArray<Field> s_serves =
    [
        May("port", "The port that it takes when it is not told another.", new Shape.Value(new SettingKind.Whole(1, 65535, ""))),
        Must("dialects", "APIs that it speaks.", new Shape.Words(["openai", "anthropic", "ollama", "kobold"])),
        Must("abilities", "What it can be asked for. prefix: it goes on with an answer that was begun, as continues says; load_unload: it changes its model while it runs.", new Shape.Words(AbilityWords.All)),
        May("besides", "What it can be asked for besides with models, parts or settings that helix does not give it: only where the user runs it.", new Shape.Words(AbilityWords.All)),
        May("ready", "How it tells that it is ready.", new Shape.Section(s_ready)),
        May("identity", "How it tells what it is.", new Shape.Section(s_identity)),
        May("models", "How it tells what it has loaded; without this key, /v1/models and data.id.", new Shape.Section(s_list)),
        May("canary", "How it is asked for one token; without this key, by /v1/chat/completions or what else the model can.", new Shape.Section(s_canary)),
        May("continues", "How it is asked to go on with an answer whose other engine broke off; without this key, it is not.", new Shape.Section(s_continues)),
        May("parameters", "Parameters of requests that it does not know; without this key, all are sent to it.", new Shape.Rows(s_parameters)),
        May("metrics", "Names of its metrics.", new Shape.Section(s_metrics)),
        May("interface", "Its own web interface.", new Shape.Section(s_interface)),
    ];

    private static readonly ImmutableArray<Field> s_tunes =
    [
        Must("knob", "What may be changed. context and batch count tokens, memory_share percent of a GPU's memory.", Choice(Tunable.Knobs)),
        May("least", "The smallest value, with most.", Number()),
        May("most", "The largest value, with least.", Number()),
        May("step", "Values are multiples of it; with least and most.", Number()),
        May("choices", "The values, where they are words.", Lines([], ManifestWords.RefuseText)),
        Must("costs", "restart: the engine is started again for it; nothing: it is changed while it runs.", Choice(["restart", "nothing"])),
    ];

    private static readonly ImmutableArray<Field> s_sandbox =
    [
        Must("network", "none: it answers on a socket and reaches nothing; loopback: it answers on 127.0.0.1 and reaches nothing else.", Choice(["none", "loopback"])),
        May("devices", "Device files that it opens where it computes on a GPU, with * for any letters.", Lines([], ManifestWords.RefuseDevice)),
        May("reads", "Folders that it reads beside its release, its model, its data and the system's own libraries.", Lines([], ManifestWords.RefusePath)),
        May("writes_code", "Whether it runs code that it has written into its data or temporary folder.", new Shape.Value(new SettingKind.Toggle())),
        May("shared_memory", "Whether it needs /dev/shm.", new Shape.Value(new SettingKind.Toggle())),
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
        Must("runs", "Where it runs.", new Shape.Section(s_runs)),
        May("install", "Ways to install it, the best first.", new Shape.Rows(s_install)),
        May("told", "How a release tells its version.", new Shape.Section(s_told)),
        May("newer", "Where new versions are found.", new Shape.Section(s_newer)),
        May("models", "What it can load.", new Shape.Section(s_models)),
        May("launch", "How it is started and stopped.", new Shape.Section(s_launch)),
        May("serves", "What it answers once it runs.", new Shape.Section(s_serves)),
        May("tunes", "What may be changed of it and within which range; without this key, nothing.", new Shape.Rows(s_tunes)),
        May("sandbox", "What it may touch beside its release, its model and the folder of its data.", new Shape.Section(s_sandbox)),
        May("backup", "Files and folders below its data that a backup holds: what it was taught or told, and cannot be fetched again.", Lines([], ManifestWords.RefuseKept)),
        May("preference", "Which provider serves a model that several can serve: the one with the lowest number.", new Shape.Value(new SettingKind.Whole(1, 1000, ""))),
    ];

    private static Field Must(string name, string meaning, Shape shape) => new(name, true, meaning, shape);

    private static Field May(string name, string meaning, Shape shape) => new(name, false, meaning, shape);

    private static Shape.Value Choice(ImmutableArray<string> values) => new(new SettingKind.Choice(values));

    private static Shape.Value Text(string what = "a text", Func<string, string?>? check = null) => new(new SettingKind.Text(what, check ?? ManifestWords.RefuseText));

    /// <summary>A list of free texts, in which placeholders may stand.</summary>
    private static Shape.Lines Lines(ImmutableArray<string> placeholders, Func<string, string?>? check = null) =>
        new(line => (check?.Invoke(line)) ?? Placeholders.Refuse(line, placeholders));

    private static Shape.Value Template(ImmutableArray<string> placeholders) => Text("a text", text => ManifestWords.RefuseText(text) ?? Placeholders.Refuse(text, placeholders));

    private static Shape.Value Version() => Text("a version in quotes, like \"2.28\"", ManifestWords.RefuseVersion);

    private static Shape.Value Url() => Text("an https address", ManifestWords.RefuseUrl);

    private static Shape.Value Path() => Text("a path, like /health", ManifestWords.RefusePath);

    private static Shape.Value Number() => new(new SettingKind.Whole(0, 10_000_000, ""));

    private static Shape.Value Seconds() => new(new SettingKind.Whole(1, 3600, "seconds"));

    private static Shape.Value Gigabytes() => new(new SettingKind.Whole(1, 100_000, "GB"));
}

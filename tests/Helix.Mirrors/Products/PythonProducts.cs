using Helix.Mirrors.Files;
using Helix.Mirrors.Git;
using Helix.Mirrors.Python;

namespace Helix.Mirrors.Products;

/// <summary>Providers that come as wheels or as a checkout that is installed with pip.</summary>
internal sealed class PythonProducts(Wrapper wrapper)
{
    private const string Vllm = "/github.com/vllm-project/vllm/releases/download";

    /// <summary>From the index, and as the wheels of a release that name their accelerator.</summary>
    public Payload ForVllm(string version)
    {
        Wheel Built(string local, string tag) => new("vllm", version + local, tag)
        {
            Requires = ["torch==2.13.0", "transformers<5.18"], Scripts = new Dictionary<string, string> { ["vllm"] = "vllm:run" }, RequiresPython = ">=3.10,<3.15",
            Files = [new("vllm/__init__.py", wrapper.Python("vllm", version)), .. wrapper.Pad("vllm/_C.abi3.so", $"vllm-{version}")],
        };
        Wheel[] released =
        [
            Built("+cu129", "cp38-abi3-manylinux_2_28_x86_64"), Built("+cu129", "cp38-abi3-manylinux_2_28_aarch64"), Built("+cpu", "cp38-abi3-manylinux_2_34_x86_64"),
            Built("+cpu", "cp312-cp312-macosx_11_0_arm64"),
        ];
        return new Payload("vllm", version)
        {
            Wheels = [Built("", "cp38-abi3-manylinux_2_28_x86_64"), Built("", "cp38-abi3-manylinux_2_28_aarch64"), Library("torch", "2.13.0"), Library("transformers", "5.17.0")],
            Files = released.ToDictionary(wheel => $"{Vllm}/v{version}/{wheel.FileName}", wheel => wheel.Build()),
        };
    }

    public Payload ForMlx(string version) => new("mlx", version)
    {
        Wheels =
        [
            new Wheel("mlx-lm", version)
            {
                Requires = ["mlx>=0.31.2", "transformers>=5.0", "mlx[cpu] ; extra == 'cpu'"], Extras = ["cpu", "cuda12", "cuda13"], RequiresPython = ">=3.10",
                Scripts = new Dictionary<string, string> { ["mlx_lm"] = "mlx_lm:run", ["mlx_lm.server"] = "mlx_lm:run" },
                Files = [new("mlx_lm/__init__.py", wrapper.Python("mlx", version)), new("mlx_lm/server.py", "from mlx_lm import run\n\nif __name__ == \"__main__\":\n    run()\n"), .. wrapper.Pad("mlx_lm/data.bin", $"mlx-{version}")],
            },
            Library("mlx", "0.32.1") with { Extras = ["cpu"] }, Library("transformers", "5.17.0"),
        ],
    };

    /// <summary>A checkout without a command of its own: <c>main.py</c> is run by the Python of the environment beside it.</summary>
    public Payload ForTabby(string version) => new("tabbyapi", version)
    {
        Trees =
        [
            new GitTree("/github.com/theroyallab/tabbyAPI", version,
            [
                .. Project(new Wheel("tabbyAPI", "0.0.1")
                {
                    Extras = ["cu12", "cu13", "extras"], RequiresPython = ">=3.10", Requires = ["fastapi-slim>=0.115", "exllamav3==1.4.2 ; extra == 'cu12'", "exllamav3==1.4.2 ; extra == 'cu13'"],
                }),
                new("main.py", wrapper.Python("tabbyapi", version) + "run()\n"), new("config_sample.yml", "network:\n  host: 127.0.0.1\n  port: 5000\n"), .. wrapper.Pad("assets.bin", $"tabbyapi-{version}"),
            ]),
        ],
        Wheels = [Library("fastapi-slim", "0.115.0"), Library("exllamav3", "1.4.2")],
    };

    public Payload ForFastChat(string version)
    {
        var package = new Wheel("fschat", "0.2.36")
        {
            Extras = ["model_worker", "webui"], Requires = ["requests", "accelerate>=0.21 ; extra == 'model_worker'", "torch ; extra == 'model_worker'", "transformers>=4.31.0 ; extra == 'model_worker'"],
            Files =
            [
                new("fastchat/__init__.py", wrapper.Python("fastchat", "0.2.36")), new("fastchat/serve/__init__.py", ""), Module("controller", "fastchat-controller"),
                Module("model_worker", "fastchat-worker"), Module("openai_api_server", "fastchat-api"), .. wrapper.Pad("fastchat/data.bin", $"fastchat-{version}"),
            ],
        };
        return new Payload("fastchat", version)
        {
            Trees = [new GitTree("/github.com/lm-sys/FastChat", version, [.. Project(package), .. package.Files])],
            Wheels = [Library("requests", "2.32.0"), Library("torch", "2.4.1"), Library("transformers", "4.49.0"), Library("accelerate", "1.3.0")],
        };

        static Entry Module(string name, string pose) => new($"fastchat/serve/{name}.py", $"from fastchat import run\n\nif __name__ == \"__main__\":\n    run(\"{pose}\")\n");
    }

    /// <summary>A package that others need and nobody here uses.</summary>
    private static Wheel Library(string name, string version) =>
        new(name, version) { Files = [new($"{name.Replace('-', '_')}/__init__.py", $"__version__ = \"{version}\"\n")] };

    /// <summary>A source tree that pip builds with nothing from elsewhere: its build backend lies in the tree.</summary>
    private static IEnumerable<Entry> Project(Wheel wheel)
    {
        yield return new("pyproject.toml", $"""
            [build-system]
            requires = []
            build-backend = "_standin_build"
            backend-path = ["."]

            [project]
            name = "{wheel.Name}"
            version = "{wheel.Version}"

            """);
        yield return new("_standin_build.py", $"""
            # builds the wheel of this tree: the metadata below, and the packages named below
            import base64, hashlib, os, zipfile

            NAME, TAG = "{wheel.Name.Replace('-', '_')}-{wheel.Version}", "py3-none-any"
            METADATA = '''{wheel.Metadata}'''
            FILES = [{string.Join(", ", wheel.Files.Select(file => $"\"{file.Path}\""))}]

            def get_requires_for_build_wheel(config_settings=None):
                return []

            def get_requires_for_build_editable(config_settings=None):
                return []

            def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
                info = NAME + ".dist-info/"
                content = dict((path, open(path, "rb").read()) for path in FILES)
                content[info + "METADATA"] = METADATA.encode()
                content[info + "WHEEL"] = ("Wheel-Version: 1.0\nGenerator: helix-tests\nRoot-Is-Purelib: true\nTag: " + TAG + "\n").encode()
                record = ""
                for path, data in content.items():
                    record += "%s,sha256=%s,%d\n" % (path, base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode(), len(data))
                content[info + "RECORD"] = (record + info + "RECORD,,\n").encode()
                name = NAME + "-" + TAG + ".whl"
                with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
                    for path, data in content.items():
                        wheel.writestr(path, data)
                return name

            """);
    }
}

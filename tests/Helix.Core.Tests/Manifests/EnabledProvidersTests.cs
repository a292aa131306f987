using Helix.Core.Configuration;
using Helix.Core.Manifests;

namespace Helix.Core.Tests.Manifests;

public sealed class EnabledProvidersTests
{
    [Fact]
    public void Without_the_setting_nothing_is_unknown() => Assert.Empty(EnabledProviders.Unknown(new ProvidersConfig(), []));

    [Fact]
    public void An_id_that_no_manifest_has_is_named_with_the_nearest_one() =>
        Assert.Equal(
            ["there is no provider \"vlm\"; did you mean vllm?", "there is no provider \"zebra\"; there are: vllm, mine"],
            EnabledProviders.Unknown(new ProvidersConfig(["vlm", "mine", "zebra"]), ["vllm", "mine"]));
}

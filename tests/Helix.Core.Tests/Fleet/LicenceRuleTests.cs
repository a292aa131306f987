using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Models;
using Helix.Core.Planning;
using Helix.Core.Tests.Gateway;
using ModelChoice = Helix.Core.Gateway.ModelChoice;

namespace Helix.Core.Tests.Fleet;

public class LicenceRuleTests
{
    private static readonly ImmutableArray<string> s_free = ["apache-2.0", "mit"];

    [Theory]
    [InlineData("Apache-2.0", true)]
    [InlineData("MIT", true)]
    [InlineData("llama3.1", false)]
    [InlineData(null, false)]
    public void A_model_is_asked_where_its_licence_is_listed(string? licence, bool isAsked)
    {
        var choice = Choose("m", s_free, OnDisk("m", licence));

        Assert.Equal(isAsked, choice is ModelChoice.Send);
        Assert.Equal(isAsked, LicenceRule.Permits(s_free, OnDisk("m", licence)));
    }

    [Fact]
    public void Without_a_list_any_may_be_asked_and_with_an_empty_one_only_the_self_test()
    {
        Assert.IsType<ModelChoice.Send>(Choose("m", null, OnDisk("m", "llama3.1")));
        Assert.IsType<ModelChoice.Refuse>(Choose("m", [], OnDisk("m", "mit")));
        Assert.Equal("helix-selftest", Choose("auto", [], OnDisk("m", "mit"), OnDisk("helix-selftest", null) with { IsSelfTest = true }).Found?.Id);
    }

    [Fact]
    public void The_word_unknown_stands_for_those_of_which_nobody_tells_one()
    {
        Assert.IsType<ModelChoice.Send>(Choose("m", ["mit", "unknown"], OnDisk("m", null)));
        Assert.IsType<ModelChoice.Send>(Choose("m", ["unknown"]));
        Assert.IsType<ModelChoice.Refuse>(Choose("m", ["unknown"], OnDisk("m", "mit")));
        // an engine that somebody else runs tells none
        Assert.IsType<ModelChoice.Refuse>(Choose("m", s_free));
    }

    [Theory]
    [InlineData("llama3.1", "The model 'm' may not be asked: its licence is llama3.1, which gateway.licences does not list; to permit it: helix config set gateway.licences \"apache-2.0,mit,llama3.1\"")]
    [InlineData(null, "The model 'm' may not be asked: nobody tells its licence, and gateway.licences does not list \"unknown\"; to permit it: helix config set gateway.licences \"apache-2.0,mit,unknown\"")]
    public void Who_asks_for_another_is_told_the_rule_and_what_would_permit_it(string? licence, string words)
    {
        var error = Assert.IsType<ModelChoice.Refuse>(Choose("m", s_free, OnDisk("m", licence))).Error;

        Assert.Equal((403, "licence_not_permitted", words), (error.Status, error.Code, error.Message));
    }

    [Fact]
    public void Nobody_is_sent_to_it_by_its_providers_name_either()
    {
        var model = Fleets.Model("m", Fleets.Ready);
        var barred = Assert.Single(LicenceRule.Apply([model with { Seats = [new("builtin", Fleets.Ready, model.Backends[0])] }], s_free, [OnDisk("m", null)]));

        Assert.Empty(barred.Backends);
        Assert.True(Assert.Single(barred.Seats) is { Backend: null, Availability: ModelAvailability.Failed { IsBarred: true, IsWished: true } });
    }

    [Fact]
    public void What_is_being_fetched_is_judged_once_it_is_there() =>
        Assert.IsType<ModelAvailability.Coming>(Assert.Single(LicenceRule.Apply([Fleets.Model("m", Fleets.Coming)], s_free, [])).Availability);

    [Fact]
    public void Auto_takes_what_is_permitted()
    {
        ImmutableArray<ServedModel> models = [Fleets.Model("new", Fleets.Ready, added: 2), Fleets.Model("old", Fleets.Ready, added: 1)];
        var fleet = Fleets.Of([.. LicenceRule.Apply(models, s_free, [OnDisk("new", "other"), OnDisk("old", "mit")])]);

        Assert.Equal("old", Routing.Choose(fleet, BodyFacts.Naming("auto"), ModelAbilities.Chat, null).Found?.Id);
    }

    [Theory]
    [InlineData("apache-2.0", "apache-2.0")]
    [InlineData(" MIT\n", "MIT")]
    [InlineData("Apache License 2.0", "Apache License 2.0")]
    [InlineData("", null)]
    [InlineData(null, null)]
    [InlineData("$(reboot)", null)]
    [InlineData("a\nb", null)]
    [InlineData("mit,unknown", null)]
    public void What_a_file_says_counts_where_it_is_a_name(string? told, string? licence) => Assert.Equal(licence, LicenceRule.Of(told, null, ModelCatalog.Empty));

    [Fact]
    public void The_catalogues_word_on_a_file_goes_before_the_files_own()
    {
        var digest = new string('b', 64);
        var (catalog, errors) = ModelCatalog.Parse(new JsonObject { ["models"] = new JsonArray(Models.ModelCatalogTests.Entry("m", 100, 1)) });
        Assert.Empty(errors);

        Assert.Equal("MIT", LicenceRule.Of("other", digest, catalog!));
        Assert.Equal("other", LicenceRule.Of("other", new string('c', 64), catalog!));
        Assert.Equal("other", LicenceRule.Of("other", null, catalog!));
    }

    [Theory]
    [InlineData("mit", true)]
    [InlineData("CC-BY-4.0", true)]
    [InlineData("", false)]
    [InlineData(" mit", false)]
    [InlineData("a\"b", false)]
    public void The_setting_takes_names(string name, bool isGood) => Assert.Equal(isGood, Words.RefuseLicence(name) is null);

    private static ModelChoice Choose(string name, ImmutableArray<string>? permitted, params PlannedModel[] library)
    {
        ImmutableArray<ServedModel> models = library.Length == 0 ? [Fleets.Model("m", Fleets.Ready)] : [.. library.Select(model => Fleets.Model(model.Id, Fleets.Ready, selfTest: model.IsSelfTest))];
        return Routing.Choose(Fleets.Of([.. LicenceRule.Apply(models, permitted, library)]), BodyFacts.Naming(name), ModelAbilities.Chat, null);
    }

    private static PlannedModel OnDisk(string id, string? licence) => new(id, $"/m/{id}", 1000, 10, 4096, Fleets.Text, false, DateTimeOffset.UnixEpoch) { Licence = licence };
}

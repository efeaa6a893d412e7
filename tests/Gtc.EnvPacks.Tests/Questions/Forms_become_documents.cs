using System.Text.Json;
using Gtc.Model;

namespace Gtc.EnvPacks.Tests.Questions;

public class Forms_become_documents
{
    [Fact]
    public void Every_default_fits_its_own_question()
    {
        foreach (var question in Forms().SelectMany(form => form.Questions).Where(question => question.DefaultValue is not null))
        {
            if (question.Type != QuestionType.Flag)
            {
                AnswersReader.FindFault(question, question.DefaultValue!).ShouldBeNull(question.Id);
            }
        }
    }

    [Fact]
    public void A_template_without_required_questions_is_an_answer()
    {
        foreach (var handler in BuiltInPacks.All.Where(handler => handler.Questions is { } form && !form.Questions.Any(question => question.Required)))
        {
            var template = JsonElement.Parse(FormDocuments.Template(handler.Questions!).ToJsonString());
            AnswersReader.Read(handler, template).Refusal.ShouldBeNull(handler.DescriptorPath);
        }
    }

    [Fact]
    public void A_form_is_read_as_it_was_written()
    {
        foreach (var form in Forms())
        {
            FormDocuments.ToJson(FormDocuments.Read(JsonElement.Parse(FormDocuments.ToJson(form).ToJsonString())).Value).ToJsonString().ShouldBe(FormDocuments.ToJson(form).ToJsonString());
            form.Id.ShouldEndWith(".wizard");
            form.Version.ShouldBe("0.1.0");
        }
    }

    [Theory]
    [InlineData("""{"id":"x","title":"t","questions":[{"id":"A","title":"t"}]}""")]
    [InlineData("""{"id":"x","title":"t","questions":[{"id":"a","title":"t"},{"id":"a","title":"t"}]}""")]
    [InlineData("""{"id":"x","title":"t","questions":[{"id":"a","title":"t","type":"enum"}]}""")]
    [InlineData("""{"id":"x","title":"t","questions":[{"id":"a","title":"t","constraint":{"pattern":"(?=a)"}}]}""")]
    [InlineData("""{"id":"x","title":"t","questions":[{"id":"a","title":"t","constraint":{"pattern":"("}}]}""")]
    [InlineData("""{"id":"x","title":"t","more":1}""")]
    [InlineData("null")]
    public void A_form_of_other_people_that_is_wrong_is_refused(string json) =>
        FormDocuments.Read(JsonElement.Parse(json)).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>();

    [Fact]
    public void A_schema_requires_what_the_form_requires()
    {
        var ecs = BuiltInPacks.All.Single(handler => handler.DescriptorPath == "greentic.deployer.aws-ecs").Questions!;
        var schema = FormDocuments.Schema(ecs);
        schema["required"]!.AsArray().Select(name => name!.GetValue<string>())
            .ShouldBe(["region", "ecs_cluster_name", "ecr_repository_prefix", "execution_role_arn", "subnets", "security_groups"]);
        schema["properties"]!.AsObject().Count.ShouldBe(19);
    }

    private static IEnumerable<QuestionForm> Forms() => BuiltInPacks.All.Select(handler => handler.Questions).OfType<QuestionForm>();
}

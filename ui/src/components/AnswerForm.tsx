// The decision: the options with their consequences, the recommendation marked but never chosen in advance, a comment,
// and one button. 1 to 9 choose, Ctrl+Enter confirms.
import { Badge, Button, Text, Textarea } from "@mantine/core";
import { useEffect, useRef, useState, type FormEvent, type RefObject } from "react";
import type { AnswerRequest, InboxDetail, Option } from "../api/client";
import { useAnswer } from "../api/queries";
import { typing } from "../keys";
import { Problem } from "./states";

type AnswerProps = { item: InboxDetail; onAnswered: (option: Option) => Promise<void> };

export function AnswerForm({ item, onAnswered }: AnswerProps) {
  const { options, recommendation, action } = item.brief;
  const [chosen, setChosen] = useState<Option | null>(null);
  const [comment, setComment] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const answer = useAnswer(item.key);
  useOptionKeys(options, setChosen, form);

  const missing = chosen?.commentRequired === true && comment.trim() === "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen === null || missing || answer.isPending) return;
    const request: AnswerRequest = { option: chosen.value };
    if (comment.trim() !== "") request.comment = comment.trim();
    if (action !== null) request.actionSha256 = action.sha256;
    // Others may tell this page that the item is closed before our own answer comes back, and this form is gone then:
    // what follows must not depend on it. What went wrong is shown from the mutation's state.
    answer.mutateAsync(request).then(
      () => onAnswered(chosen),
      () => undefined,
    );
  };

  return (
    <form ref={form} onSubmit={submit} className="answer" aria-label="Your decision">
      <div role="radiogroup" aria-label="Options" className="options">
        {options.map((option, index) => (
          <OptionCard
            key={option.value}
            option={option}
            number={index + 1}
            checked={chosen?.value === option.value}
            why={recommendation?.option === option.value ? recommendation.why : null}
            onChoose={() => setChosen(option)}
          />
        ))}
      </div>
      <Textarea
        label="Comment"
        description="Kept in the ledger with your answer"
        required={chosen?.commentRequired === true}
        autosize
        minRows={2}
        maxRows={8}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      {answer.error !== null && <Problem error={answer.error} />}
      <div className="answer-end">
        <Text size="xs" c="dimmed" role="status">
          {chosen === null ? "Choose an option." : missing ? "This option needs a comment." : ""}
        </Text>
        <Button type="submit" disabled={chosen === null || missing} loading={answer.isPending}>
          {chosen === null ? "Confirm" : `Confirm: ${chosen.label}`}
        </Button>
      </div>
    </form>
  );
}

type CardProps = { option: Option; number: number; checked: boolean; why: string | null; onChoose: () => void };

function OptionCard({ option, number, checked, why, onChoose }: CardProps) {
  return (
    <label className="option" data-checked={checked}>
      <input type="radio" name="option" value={option.value} checked={checked} onChange={onChoose} />
      <span className="grow">
        <span className="option-head">
          <span className="option-label">{option.label}</span>
          {why !== null && (
            <Badge size="sm" radius="sm" variant="light" className="mark">
              Recommended
            </Badge>
          )}
          <kbd aria-hidden="true">{number}</kbd>
        </span>
        <span className="option-consequence">{option.consequence}</span>
        {why !== null && why !== "" && <span className="option-why">Why: {why}</span>}
      </span>
    </label>
  );
}

function useOptionKeys(options: Option[], choose: (option: Option) => void, form: RefObject<HTMLFormElement | null>) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.current?.requestSubmit();
        return;
      }
      const isRadio = event.target instanceof HTMLInputElement && event.target.type === "radio";
      if (event.ctrlKey || event.metaKey || event.altKey || (typing(event.target) && !isRadio)) return;
      const option = /^[1-9]$/.test(event.key) ? options[Number(event.key) - 1] : undefined;
      if (option !== undefined) choose(option);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [options, choose, form]);
}

// The pages' questions to the server. The first part of each query's name is the topic that refreshes it.
import { useEffect, useState } from "react";
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  api,
  ApiError,
  type AnswerRequest,
  type Found,
  type InboxFilter,
  type InstanceFilter,
  type Sort,
} from "./client";
import { usePolling } from "./live";

export function useMe() {
  return useQuery({ queryKey: ["me"], queryFn: api.me, staleTime: 60_000, retry: retryUnlessRefused });
}

/** A refusal (4xx) is an answer, not a hiccup: only silence and 5xx are worth a second try. */
export function retryUnlessRefused(failures: number, error: Error): boolean {
  const refused = error instanceof ApiError && error.status >= 400 && error.status < 500;
  return !refused && failures < 2;
}

export function useInbox(filter: InboxFilter, sort: Sort[], limit: number) {
  const refetchInterval = usePolling();
  return useQuery({ ...inboxQuery(filter, sort, limit), placeholderData: keepPreviousData, refetchInterval });
}

/** The same list as a promise: what is known of it, or what the server says when nothing is known yet. */
export function useInboxOnce(filter: InboxFilter, sort: Sort[], limit: number) {
  const client = useQueryClient();
  return () => client.ensureQueryData(inboxQuery(filter, sort, limit));
}

function inboxQuery(filter: InboxFilter, sort: Sort[], limit: number) {
  return {
    queryKey: ["inbox", "search", filter, sort, limit],
    queryFn: () => api.searchInbox(filter, sort, { from: 0, limit }),
  };
}

/** How many items a filter finds, without fetching them. */
export function useInboxCount(filter: InboxFilter) {
  const refetchInterval = usePolling();
  return useQuery({
    queryKey: ["inbox", "count", filter],
    queryFn: async () => (await api.searchInbox(filter, [], { from: 0, limit: 1 })).page,
    placeholderData: keepPreviousData,
    refetchInterval,
  });
}

export function useInboxItem(key: string) {
  const refetchInterval = usePolling();
  return useQuery({ queryKey: ["inbox", "item", key], queryFn: () => api.inboxItem(key), refetchInterval });
}

/** A change to one item; whether it went well or not, what the inbox shows is asked again. */
export function useItemChange<T>(change: (input: T) => Promise<void>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: ["inbox"] }),
  });
}

export function useAnswer(key: string) {
  return useItemChange((answer: AnswerRequest) => api.answer(key, answer));
}

export function useDocumentText(sha256: string | null) {
  return useQuery({
    queryKey: ["document", sha256],
    queryFn: () => api.documentText(sha256 ?? ""),
    enabled: sha256 !== null,
    // Named by its content, so it never changes.
    staleTime: Infinity,
  });
}

export function useOverview() {
  const refetchInterval = usePolling();
  return useQuery({ queryKey: ["overview"], queryFn: api.overview, refetchInterval });
}

export function useInstances(filter: InstanceFilter, limit: number) {
  const refetchInterval = usePolling();
  return useQuery({
    queryKey: ["instances", "search", filter, limit],
    queryFn: () => api.searchInstances(filter, [{ field: "startDate", order: "desc" }], { from: 0, limit }),
    placeholderData: keepPreviousData,
    refetchInterval,
  });
}

export function useInstance(key: string) {
  const refetchInterval = usePolling();
  return useQuery({ queryKey: ["instances", "one", key], queryFn: () => api.instance(key), refetchInterval });
}

/** The newest entries at first, then page by page what was before. */
export function useHistory(key: string, first: number, more: number) {
  const refetchInterval = usePolling();
  const [wanted, setWanted] = useState(1);
  const query = useInfiniteQuery({
    queryKey: ["instances", "history", key],
    queryFn: ({ pageParam }) => api.history(key, pageParam === "" ? first : more, pageParam),
    initialPageParam: "",
    getNextPageParam: (last, pages) =>
      last.page.hasMoreTotalItems || lengthOf(pages) < last.page.totalItems ? last.page.endCursor : null,
    refetchInterval,
  });
  const pages = query.data?.pages ?? [];
  const lacks = query.hasNextPage && pages.length < wanted && query.error === null;
  const { fetchNextPage, isFetching } = query;
  // A live update that comes in between ends the fetching of a page, which is still wanted.
  useEffect(() => {
    if (lacks && !isFetching) void fetchNextPage();
  }, [lacks, isFetching, fetchNextPage]);
  return { ...query, pages, lacks, wantMore: () => setWanted(pages.length + 1) };
}

const lengthOf = (pages: Found<unknown>[]) => pages.reduce((sum, page) => sum + page.items.length, 0);

export function useElements(key: string) {
  const refetchInterval = usePolling();
  return useQuery({ queryKey: ["instances", "elements", key], queryFn: () => api.elements(key), refetchInterval });
}

export function useVariables(key: string) {
  const refetchInterval = usePolling();
  return useQuery({ queryKey: ["instances", "variables", key], queryFn: () => api.variables(key), refetchInterval });
}

export function useDefinitionXml(key: string | undefined) {
  return useQuery({
    queryKey: ["definition", key],
    queryFn: () => api.definitionXml(key ?? ""),
    enabled: key !== undefined,
    staleTime: Infinity,
  });
}
